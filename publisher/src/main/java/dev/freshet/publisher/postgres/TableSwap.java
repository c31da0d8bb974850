package dev.freshet.publisher.postgres;

import dev.freshet.publisher.postgres.PostgresCatalog.Relation;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.TableId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a table that was built beside an old relation in its place, in the transaction under way: owner, grants, indexes, constraints and comments
 * come along. The old relation is locked only for the last few statements, after everything was built.
 */
final class TableSwap {

    private static final Logger LOG = LoggerFactory.getLogger(TableSwap.class);

    private static final String KEPT_COLUMN =
            "exists (select 1 from pg_attribute k where k.attrelid = $1::regclass and k.attname = a.attname and not k.attisdropped)";

    private final PostgresSession session;
    private final TableId table;
    private final Relation old;
    private final String built;

    /** An index or constraint of the old relation, and what builds it on the new table under a name for the time being. */
    private record Carried(String statement, String rename) {}

    /** @param built the name of the new table, in the same schema */
    TableSwap(PostgresSession session, TableId table, Relation old, String built) {
        this.session = session;
        this.table = table;
        this.old = old;
        this.built = built;
    }

    /** @throws TableHeldException TARGET naming what depends on the old relation and can't be carried along */
    static void requireReplaceable(PostgresSession session, TableId table, Relation old, String reason)
            throws SQLException {
        if (!old.isTable() && old.kind() != 'v' && old.kind() != 'm') {
            throw new TableHeldException(
                    ErrorKind.TARGET,
                    "'" + table + "' exists on output '" + session.settings().output()
                            + "' and is neither a table nor a view: drop or rename it, or give the model another alias");
        }
        List<String> dependents = withEmptySearchPath(session, () -> PostgresCatalog.dependents(session, old.id()));
        if (!dependents.isEmpty()) {
            throw new TableHeldException(
                    ErrorKind.TARGET,
                    "table '" + table + "' on output '" + session.settings().output() + "' has to be replaced ("
                            + reason
                            + ") and something that Freshet did not make depends on it: "
                            + String.join(", ", dependents)
                            + ". Drop that and create it again afterwards; until then the table keeps its last state");
        }
    }

    interface Completion {
        /** @return a statement for when the old relation is gone */
        Optional<String> run() throws SQLException;
    }

    /** @param completion what is still to be done to the new table once it has the old one's indexes, before anything is locked */
    void run(Completion completion) throws SQLException {
        String target = Identifier.quote(table);
        String fresh = Identifier.quote(table.schema()) + "." + Identifier.quote(built);
        List<String> grants = new ArrayList<>();
        List<Carried> carried = new ArrayList<>();
        withEmptySearchPath(session, () -> {
            grants.addAll(grants(fresh));
            grants.addAll(comments(fresh));
            carried.addAll(constraints(fresh));
            carried.addAll(indexes(fresh));
            return carried;
        });
        List<String> renames = new ArrayList<>();
        for (String statement : notNulls(fresh)) {
            attempt(statement);
        }
        for (Carried each : carried) {
            if (attempt(each.statement())) {
                renames.add(each.rename());
            }
        }
        grants.forEach(this::attempt);
        completion.run().ifPresent(renames::add);
        List<String> ownership = owner(target);
        session.execute("drop " + kindName() + " " + target);
        session.execute("alter table " + fresh + " rename to " + Identifier.quote(table.name()));
        for (String rename : renames) {
            session.execute(rename);
        }
        ownership.forEach(this::attempt);
    }

    private String kindName() {
        return switch (old.kind()) {
            case 'v' -> "view";
            case 'm' -> "materialized view";
            default -> "table";
        };
    }

    /** Runs a statement that may not fit the new columns any more, or that only the old owner may run: then the rest goes on without it. */
    private boolean attempt(String statement) {
        try {
            Savepoint before = session.connection().setSavepoint();
            try {
                session.execute(statement);
                session.connection().releaseSavepoint(before);
                return true;
            } catch (SQLException e) {
                if (!PostgresErrors.concernsOneTable(e)) {
                    throw e;
                }
                session.connection().rollback(before);
                LOG.warn("replacing table '{}': not carried over ({}): {}", table, PostgresErrors.reason(e), statement);
                return false;
            }
        } catch (SQLException e) {
            throw PostgresErrors.translate(e, "replacing table '" + table + "'", session.settings());
        }
    }

    /** The new table's grants become those of the old one; where the old one never had any, the schema's defaults stay. */
    private List<String> grants(String fresh) throws SQLException {
        String grantee = "case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end";
        return texts(
                "select format('revoke all on %s from %s', $1, " + grantee + ")"
                        + " from pg_class n cross join lateral aclexplode(n.relacl) x, pg_class c"
                        + " where n.oid = $1::regclass and c.oid = $2 and c.relacl is not null and x.grantee <> n.relowner"
                        + " group by x.grantee"
                        + " union all select format('grant %s on %s to %s%s', x.privilege_type, $1, " + grantee
                        + ", case when x.is_grantable then ' with grant option' else '' end)"
                        + " from pg_class c cross join lateral aclexplode(c.relacl) x"
                        + " where c.oid = $2 and x.grantee <> c.relowner"
                        + " union all select format('grant %s (%I) on %s to %s%s', x.privilege_type, a.attname, $1, "
                        + grantee + ", case when x.is_grantable then ' with grant option' else '' end)"
                        + " from pg_attribute a cross join lateral aclexplode(a.attacl) x, pg_class c"
                        + " where a.attrelid = $2 and c.oid = $2 and not a.attisdropped and x.grantee <> c.relowner"
                        + " and " + KEPT_COLUMN,
                fresh);
    }

    private List<String> comments(String fresh) throws SQLException {
        return texts(
                "select format('comment on table %s is %L', $1, obj_description($2, 'pg_class'))"
                        + " where obj_description($2, 'pg_class') is not null"
                        + " union all select format('comment on column %s.%I is %L', $1, a.attname, col_description($2, a.attnum))"
                        + " from pg_attribute a where a.attrelid = $2 and not a.attisdropped"
                        + " and col_description($2, a.attnum) is not null and " + KEPT_COLUMN,
                fresh);
    }

    private List<String> notNulls(String fresh) throws SQLException {
        return texts(
                "select format('alter table %s alter column %I set not null', $1, a.attname) from pg_attribute a"
                        + " where a.attrelid = $2 and a.attnum > 0 and a.attnotnull and not a.attisdropped and "
                        + KEPT_COLUMN,
                fresh);
    }

    private List<Carried> constraints(String fresh) throws SQLException {
        List<Carried> found = new ArrayList<>();
        String target = Identifier.quote(table);
        for (String[] row : rows(
                "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = $2 and contype in ('p', 'u', 'c', 'x', 'f')"
                        + " order by contype = 'f', conname",
                fresh)) {
            String temporary = Identifier.quote(built + "_k" + found.size());
            found.add(new Carried(
                    "alter table " + fresh + " add constraint " + temporary + " " + row[1],
                    "alter table " + target + " rename constraint " + temporary + " to " + Identifier.quote(row[0])));
        }
        return found;
    }

    /** Indexes other than those of constraints, and other than our own on whole rows, which the new columns need anew. */
    private List<Carried> indexes(String fresh) throws SQLException {
        List<Carried> found = new ArrayList<>();
        for (String[] row : rows(
                "select c.relname, pg_get_indexdef(c.oid), format('CREATE %sINDEX %I ON %s USING ',"
                        + " case when i.indisunique then 'UNIQUE ' else '' end, c.relname, i.indrelid::regclass),"
                        + " case when i.indisunique then 'unique ' else '' end"
                        + " from pg_index i join pg_class c on c.oid = i.indexrelid"
                        + " where i.indrelid = $2 and i.indisvalid"
                        + " and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = $2)"
                        + " and pg_get_indexdef(c.oid) not like '%hash_record_extended(ROW(%' order by c.relname",
                fresh)) {
            if (!row[1].startsWith(row[2])) {
                LOG.warn("replacing table '{}': index not understood and not carried over: {}", table, row[1]);
                continue;
            }
            String temporary = built + "_i" + found.size();
            found.add(new Carried(
                    "create " + row[3] + "index " + Identifier.quote(temporary) + " on " + fresh + " using "
                            + row[1].substring(row[2].length()),
                    "alter index " + Identifier.quote(table.schema()) + "." + Identifier.quote(temporary)
                            + " rename to " + Identifier.quote(row[0])));
        }
        return found;
    }

    private List<String> owner(String target) throws SQLException {
        return texts(
                "select format('alter table %s owner to %I', $1, pg_get_userbyid(c.relowner)) from pg_class c"
                        + " where c.oid = $2 and pg_get_userbyid(c.relowner) <> current_user",
                target);
    }

    private List<String> texts(String sql, String relation) throws SQLException {
        return rows(sql, relation).stream().map(row -> row[0]).toList();
    }

    /** {@code $1} stands for the new table's quoted name, {@code $2} for the old one's object id. */
    private List<String[]> rows(String sql, String relation) throws SQLException {
        String bound = sql.replace("$1", "p.name").replace("$2", "p.old");
        List<String[]> rows = new ArrayList<>();
        try (PreparedStatement statement = session.connection()
                .prepareStatement(
                        "select f.* from (select ?::text as name, ?::oid as old) p, lateral (" + bound + ") f")) {
            statement.setString(1, relation);
            statement.setLong(2, old.id());
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    String[] row = new String[columns];
                    for (int i = 0; i < columns; i++) {
                        row[i] = result.getString(i + 1);
                    }
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    interface CatalogQuery<T> {
        T run() throws SQLException;
    }

    /** With nothing on the search path the catalog prints every name with its schema. */
    static <T> T withEmptySearchPath(PostgresSession session, CatalogQuery<T> query) throws SQLException {
        String path;
        try (PreparedStatement statement = session.connection()
                        .prepareStatement(
                                "select current_setting('search_path'), set_config('search_path', '', true)");
                ResultSet row = statement.executeQuery()) {
            row.next();
            path = row.getString(1);
        }
        T result = query.run();
        session.execute("select set_config('search_path', " + Identifier.literal(path) + ", true)");
        return result;
    }
}

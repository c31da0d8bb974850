package dev.freshet.publisher.postgres;

import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the server's catalog says of the tables that are delivered. */
final class PostgresCatalog {

    private PostgresCatalog() {}

    /**
     * An existing relation.
     *
     * @param kind {@code pg_class.relkind}
     */
    record Relation(long id, char kind, List<String> columns, List<String> types) {

        boolean isTable() {
            return kind == 'r' || kind == 'p';
        }

        /** Whether rows of this shape go into it as it is, without loss. */
        boolean holds(TableSchema schema) {
            if (!isTable() || columns.size() != schema.columns().size()) {
                return false;
            }
            for (int i = 0; i < columns.size(); i++) {
                Column column = schema.columns().get(i);
                boolean same = columns.get(i).equals(column.name())
                        && PostgresTypes.dataType(types.get(i))
                                .filter(column.type()::equals)
                                .isPresent();
                if (!same) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The relations that stand under these names; missing ones are left out. */
    static Map<TableId, Relation> relations(PostgresSession session, List<TableId> tables) throws SQLException {
        String sql = "select v.i, c.oid, c.relkind,"
                + " array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0"
                + " and not a.attisdropped order by a.attnum),"
                + " array(select pg_catalog.format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a"
                + " where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum)"
                + " from unnest(?::text[], ?::text[]) with ordinality as v(s, t, i)"
                + " join pg_catalog.pg_namespace n on n.nspname = v.s"
                + " join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.t";
        Map<TableId, Relation> found = new HashMap<>();
        Connection connection = session.connection();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableId::schema).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableId::name).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.put(
                            tables.get(row.getInt(1) - 1),
                            new Relation(
                                    row.getLong(2),
                                    row.getString(3).charAt(0),
                                    List.of((String[]) row.getArray(4).getArray()),
                                    List.of((String[]) row.getArray(5).getArray())));
                }
            }
        }
        return found;
    }

    /** Creates a schema if it is missing. */
    static void requireSchema(PostgresSession session, String schema) throws SQLException {
        Identifier.requireValid("schema", schema);
        try (PreparedStatement statement =
                session.connection().prepareStatement("select 1 from pg_catalog.pg_namespace where nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return;
                }
            }
        }
        try {
            session.execute("create schema " + Identifier.quote(schema));
        } catch (SQLException e) {
            if (PostgresErrors.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                PostgresSettings settings = session.settings();
                throw new TableHeldException(
                        ErrorKind.TARGET,
                        "schema '" + schema + "' does not exist on output '" + settings.output() + "' and user '"
                                + session.currentUser() + "' may not create it. Run: "
                                + schemaStatement(settings, session.currentUser(), schema));
            }
            throw e;
        }
    }

    static String schemaStatement(PostgresSettings settings, String user, String schema) {
        return "create schema " + Identifier.quote(schema) + " authorization " + Identifier.quote(user)
                + "; or: grant create on database " + Identifier.quote(settings.database()) + " to "
                + Identifier.quote(user) + ";";
    }

    static String tableStatement(String user, String schema) {
        return "grant usage, create on schema " + Identifier.quote(schema) + " to " + Identifier.quote(user) + ";";
    }

    /** Whether a valid index serves the deltas of this table. */
    static boolean hasDeliveryIndex(PostgresSession session, long relation, TableSchema schema) throws SQLException {
        String sql = "select pg_catalog.pg_get_indexdef(i.indexrelid),"
                + " (select a.attname from pg_catalog.pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0])"
                + " from pg_catalog.pg_index i where i.indrelid = ? and i.indisvalid and i.indpred is null";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setLong(1, relation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean serves = schema.isKeyed()
                            ? schema.key().contains(String.valueOf(row.getString(2)))
                            : row.getString(1).contains("hash_record_extended(ROW(");
                    if (serves) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * What would be lost if this relation were dropped and can't be carried over to another: described for people. Names are qualified when the
     * search path is empty.
     */
    static List<String> dependents(PostgresSession session, long relation) throws SQLException {
        String sql =
                """
                select case v.relkind when 'v' then 'view ' when 'm' then 'materialized view ' else 'rule on ' end || v.oid::regclass
                from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
                where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = x.id
                  and (v.oid <> x.id or v.relkind not in ('v', 'm'))
                union
                select 'foreign key ' || quote_ident(conname) || ' of ' || conrelid::regclass
                from pg_constraint where contype = 'f' and confrelid = x.id and conrelid <> x.id
                union
                select 'trigger ' || quote_ident(tgname) || ' on it' from pg_trigger where tgrelid = x.id and not tgisinternal
                union
                select 'row security policy ' || quote_ident(polname) || ' on it' from pg_policy where polrelid = x.id
                union
                select 'row security on it' from pg_class where oid = x.id and relrowsecurity
                union
                select 'publication ' || quote_ident(p.pubname) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                where r.prrelid = x.id
                union
                select 'table ' || inhrelid::regclass || ', which inherits from it' from pg_inherits where inhparent = x.id
                union
                select 'table ' || inhparent::regclass || ', its parent' from pg_inherits where inhrelid = x.id
                union
                select pg_describe_object(d.classid, d.objid, d.objsubid)
                from pg_depend d
                where d.deptype = 'n' and d.classid not in ('pg_rewrite'::regclass, 'pg_constraint'::regclass)
                  and (d.refclassid = 'pg_class'::regclass and d.refobjid = x.id
                       or d.refclassid = 'pg_type'::regclass and d.refobjid in (
                          select t.oid from pg_type t where t.typrelid = x.id
                          union all select t.typarray from pg_type t where t.typrelid = x.id))
                """;
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = session.connection()
                .prepareStatement("select described from (select ?::oid as id) x, lateral (" + sql
                        + ") as found(described) order by 1")) {
            statement.setLong(1, relation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return names;
    }
}

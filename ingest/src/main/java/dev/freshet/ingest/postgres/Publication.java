package dev.freshet.ingest.postgres;

import dev.freshet.ingest.SourceProblem;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Our publication: exactly the captured tables, all their columns and rows, and in its comment whose it is. */
final class Publication {

    private final Database database;
    private final SourceNames names;

    Publication(Database database, SourceNames names) {
        this.database = database;
        this.names = names;
    }

    /**
     * What stands in the database after {@link #ensure}.
     *
     * @param created it did not exist: no log before now can be read through it
     * @param added tables whose changes before now may have been left out
     */
    record Outcome(boolean created, Set<TableId> added) {}

    private record Existing(@Nullable String comment, boolean allTables, boolean complete) {}

    Outcome ensure(Connection connection, Collection<TableId> tables, Ownership ownership) {
        try {
            Existing existing = find(connection);
            if (existing == null) {
                create(connection, tables);
                return new Outcome(true, Set.copyOf(tables));
            }
            requireOurs(existing, ownership);
            Set<TableId> published = tables(connection);
            Set<TableId> added = tables.stream()
                    .filter(table -> !published.contains(table))
                    .collect(Collectors.toCollection(HashSet::new));
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("set local lock_timeout = '60s'");
                if (existing.allTables || !published.equals(new HashSet<>(tables))) {
                    foreign(connection, added, Publishing.ADD).ifPresent(Publication::refuse);
                    statement.execute("alter publication " + quoted() + " set table " + list(tables));
                }
                if (!existing.complete) {
                    statement.execute("alter publication " + quoted() + " set (" + options(connection) + ")");
                    added.addAll(tables);
                }
                if (!isOurs(existing)
                        || names.owner().isPresent() && !names.fullComment().equals(existing.comment)) {
                    comment(statement);
                }
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            return new Outcome(false, added);
        } catch (SQLException e) {
            throw database.failed("setting up publication \"" + names.slot() + "\"", e);
        }
    }

    /**
     * What {@link #ensure} would refuse; changes nothing.
     *
     * @throws FreshetException as {@link #ensure}, when the publication is another owner's
     */
    List<SourceProblem> problems(Connection connection, Collection<TableId> tables, Ownership ownership) {
        try {
            Existing existing = find(connection);
            if (existing == null) {
                return missingRights(connection, tables);
            }
            requireOurs(existing, ownership);
            Set<TableId> published = tables(connection);
            return foreign(
                            connection,
                            tables.stream()
                                    .filter(table -> !published.contains(table))
                                    .toList(),
                            Publishing.ADD)
                    .map(List::of)
                    .orElse(List.of());
        } catch (SQLException e) {
            throw database.failed("checking publication \"" + names.slot() + "\"", e);
        }
    }

    private boolean isOurs(Existing existing) {
        return existing.comment != null && names.isOurs(existing.comment);
    }

    private void requireOurs(Existing existing, Ownership ownership) {
        if (!isOurs(existing) && ownership == Ownership.KEEP) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "publication \"" + names.slot() + "\" in database '" + database.name() + "' of output '"
                            + database.output() + "' belongs to "
                            + (existing.comment == null ? "someone unknown" : "'" + existing.comment + "'")
                            + ": for a pipeline of your own beside it choose a default output of another name (--target); if"
                            + " that one is gone, start with --take-over");
        }
    }

    /** Whether another owner's publication is taken or refused. */
    enum Ownership {
        KEEP,
        TAKE_OVER
    }

    private @Nullable Existing find(Connection connection) throws SQLException {
        String generated = hasGenerated(connection) ? " and pubgencols = 's'" : "";
        try (PreparedStatement query =
                connection.prepareStatement("select obj_description(oid, 'pg_publication'), puballtables,"
                        + " pubinsert and pubupdate and pubdelete and pubtruncate and pubviaroot" + generated
                        + " from pg_catalog.pg_publication where pubname = ?")) {
            query.setString(1, names.slot());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? new Existing(row.getString(1), row.getBoolean(2), row.getBoolean(3)) : null;
            }
        }
    }

    /** The published tables, without those of which only some columns or rows are. */
    private Set<TableId> tables(Connection connection) throws SQLException {
        String whole = connection.getMetaData().getDatabaseMajorVersion() >= 15
                ? " and r.prattrs is null and r.prqual is null"
                : "";
        Set<TableId> tables = new HashSet<>();
        try (PreparedStatement query =
                connection.prepareStatement("select n.nspname, c.relname from pg_catalog.pg_publication p"
                        + " join pg_catalog.pg_publication_rel r on r.prpubid = p.oid"
                        + " join pg_catalog.pg_class c on c.oid = r.prrelid"
                        + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where p.pubname = ?" + whole)) {
            query.setString(1, names.slot());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    tables.add(new TableId(database.output(), row.getString(1), row.getString(2)));
                }
            }
        }
        return tables;
    }

    /** What a user needs to make the publication; whoever may not because of the tables' owners needs somebody to make it for them, and no more. */
    private List<SourceProblem> missingRights(Connection connection, Collection<TableId> tables) throws SQLException {
        Optional<SourceProblem> foreign = foreign(connection, tables, Publishing.CREATE);
        if (foreign.isPresent()) {
            return List.of(foreign.get());
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select has_database_privilege(current_database(), 'create')")) {
            row.next();
            return row.getBoolean(1)
                    ? List.of()
                    : List.of(new SourceProblem(
                            "user '" + database.user() + "' of output '" + database.output()
                                    + "' may not create a publication",
                            List.of("grant create on database " + Database.identifier(database.name()) + " to "
                                    + Database.identifier(database.user()))));
        }
    }

    private static void refuse(SourceProblem problem) {
        throw new FreshetException(ErrorKind.SOURCE, problem.text());
    }

    private void create(Connection connection, Collection<TableId> tables) throws SQLException {
        missingRights(connection, tables).forEach(Publication::refuse);
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            try {
                statement.execute("set local lock_timeout = '60s'");
                statement.execute(creation(connection, tables));
                comment(statement);
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private String creation(Connection connection, Collection<TableId> tables) throws SQLException {
        return "create publication " + quoted() + " for table " + list(tables) + " with (" + options(connection) + ")";
    }

    private enum Publishing {
        CREATE,
        ADD
    }

    /**
     * Only a table's owner may publish it. Being granted the owner's role would be far more than capture needs, so the remedy is a publication that a superuser
     * makes and gives away.
     */
    private Optional<SourceProblem> foreign(Connection connection, Collection<TableId> tables, Publishing publishing)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select pg_has_role(c.relowner, 'usage'), c.relowner::regrole::text from pg_catalog.pg_class c"
                        + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?")) {
            List<String> foreign = new ArrayList<>();
            List<TableId> unowned = new ArrayList<>();
            for (TableId table : tables.stream().sorted().toList()) {
                query.setString(1, table.schema());
                query.setString(2, table.name());
                try (ResultSet row = query.executeQuery()) {
                    if (row.next() && !row.getBoolean(1)) {
                        unowned.add(table);
                        foreign.add("\"" + table.schema() + "." + table.name() + "\" (owner " + row.getString(2) + ")");
                    }
                }
            }
            if (foreign.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new SourceProblem(
                    "user '" + database.user() + "' of output '" + database.output() + "' does not own "
                            + String.join(", ", foreign)
                            + ", and only an owner or a superuser may publish a table",
                    publishing == Publishing.ADD
                            ? List.of("alter publication " + quoted() + " add table " + list(unowned))
                            : List.of(
                                    creation(connection, tables),
                                    "comment on publication " + quoted() + " is " + Database.literal(names.comment()),
                                    "alter publication " + quoted() + " owner to "
                                            + Database.identifier(database.user()))));
        }
    }

    private void comment(Statement statement) throws SQLException {
        statement.execute("comment on publication " + quoted() + " is " + Database.literal(names.fullComment()));
    }

    private static String options(Connection connection) throws SQLException {
        return "publish = 'insert, update, delete, truncate', publish_via_partition_root = true"
                + (hasGenerated(connection) ? ", publish_generated_columns = stored" : "");
    }

    private static boolean hasGenerated(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= 18;
    }

    private static String list(Collection<TableId> tables) {
        return tables.stream().sorted().map(Database::relation).collect(Collectors.joining(", "));
    }

    private String quoted() {
        return Database.identifier(names.slot());
    }
}

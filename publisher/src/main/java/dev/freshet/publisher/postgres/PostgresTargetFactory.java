package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Outputs of type {@code postgres}, with dbt's profile keys. */
public final class PostgresTargetFactory implements TargetFactory {

    @Override
    public String id() {
        return "postgres";
    }

    @Override
    public Target create(Connection connection, Ownership owner) {
        return new PostgresTarget(PostgresSettings.of(connection), owner);
    }

    @Override
    public List<String> check(Connection connection, Collection<String> schemas) {
        PostgresSettings settings = PostgresSettings.of(connection);
        TreeSet<String> needed = new TreeSet<>(schemas);
        needed.add(settings.schema());
        try (PostgresSession session = PostgresSession.open(settings)) {
            return missing(session, needed);
        } catch (SQLException e) {
            return List.of(String.valueOf(
                    PostgresErrors.translate(e, "checking rights", settings).getMessage()));
        } catch (FreshetException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> missing(PostgresSession session, Collection<String> schemas) throws SQLException {
        PostgresSettings settings = session.settings();
        String user = session.currentUser();
        String on = " on output '" + settings.output() + "' (" + settings.address() + ")";
        List<String> problems = new ArrayList<>();
        String sql = "select has_database_privilege(current_database(), 'TEMPORARY'),"
                + " has_database_privilege(current_database(), 'CREATE')";
        boolean maycreateSchemas;
        try (PreparedStatement statement = session.connection().prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            maycreateSchemas = row.getBoolean(2);
            if (!row.getBoolean(1)) {
                problems.add("user '" + user + "' may not create temporary tables" + on
                        + ". Run: grant temporary on database " + Identifier.quote(settings.database()) + " to "
                        + Identifier.quote(user) + ";");
            }
        }
        for (String schema : schemas) {
            try (PreparedStatement statement = session.connection()
                    .prepareStatement(
                            "select has_schema_privilege(oid, 'USAGE') and has_schema_privilege(oid, 'CREATE')"
                                    + " from pg_catalog.pg_namespace where nspname = ?")) {
                statement.setString(1, schema);
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next()) {
                        if (!maycreateSchemas) {
                            problems.add("schema '" + schema + "' does not exist and user '" + user
                                    + "' may not create it" + on + ". Run: "
                                    + PostgresCatalog.schemaStatement(settings, user, schema));
                        }
                    } else if (!row.getBoolean(1)) {
                        problems.add("user '" + user + "' may not create tables in schema '" + schema + "'" + on
                                + ". Run: " + PostgresCatalog.tableStatement(user, schema));
                    }
                }
            }
        }
        return problems;
    }
}

package dev.freshet.transform.engine;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.transform.project.Model;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

/**
 * Pushdown on PostgreSQL: the relation is built beside the old one under a temporary name and the two change places by renaming, in one transaction.
 */
public final class PostgresPushdown implements PushdownEngine {

    private final Connection settings;
    private final java.sql.Connection session;

    private PostgresPushdown(Connection settings, java.sql.Connection session) {
        this.settings = settings;
        this.session = session;
    }

    /** @throws FreshetException TARGET when the database can't be reached or refuses the user */
    public static PostgresPushdown connect(Connection settings) {
        Properties properties = new Properties();
        properties.setProperty("user", settings.require("user"));
        settings.setting("password")
                .or(() -> settings.setting("pass"))
                .ifPresent(password -> properties.setProperty("password", password));
        settings.setting("sslmode").ifPresent(mode -> properties.setProperty("sslmode", mode));
        properties.setProperty("connectTimeout", String.valueOf(settings.integer("connect_timeout", 10)));
        properties.setProperty("ApplicationName", "freshet");
        String url = "jdbc:postgresql://" + settings.require("host") + ":" + settings.integer("port", 5432) + "/"
                + settings.setting("dbname").orElseGet(() -> settings.require("database"));
        try {
            java.sql.Connection session = DriverManager.getConnection(url, properties);
            session.setAutoCommit(false);
            return new PostgresPushdown(settings, session);
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "output '" + settings.name() + "' can't be reached: " + e.getMessage()
                            + "; check its host, port, user and password",
                    e);
        }
    }

    @Override
    public String run(Model model) {
        boolean view = model.materialization() == Model.Materialization.VIEW;
        String kind = view ? "view" : "table";
        String schema = quote(model.relation().schema());
        String name = model.relation().name();
        String target = schema + "." + quote(name);
        String fresh = schema + "." + quote(name + "__dbt_tmp");
        String backup = name + "__dbt_backup";
        try (Statement statement = session.createStatement()) {
            statement.execute("create schema if not exists " + schema);
            statement.execute("drop " + kind + " if exists " + fresh + " cascade");
            int rows = statement.executeUpdate("create " + kind + " " + fresh + " as (\n" + body(model.sql()) + "\n)");
            Optional<String> old = relationKind(model.relation().schema(), name);
            if (old.isPresent()) {
                relationKind(model.relation().schema(), backup)
                        .ifPresent(stale -> execute(
                                statement,
                                "drop " + stale + " if exists " + schema + "." + quote(backup) + " cascade"));
                statement.execute("alter " + old.get() + " " + target + " rename to " + quote(backup));
            }
            statement.execute("alter " + kind + " " + fresh + " rename to " + quote(name));
            session.commit();
            if (old.isPresent()) {
                statement.execute("drop " + old.get() + " if exists " + schema + "." + quote(backup) + " cascade");
                session.commit();
            }
            return view ? "CREATE VIEW" : "SELECT " + rows;
        } catch (SQLException e) {
            rollBack(e);
            throw new ModelFailedException(
                    model.relation(),
                    "model '" + model.name() + "' (" + model.file() + ") failed: " + e.getMessage(),
                    e);
        }
    }

    private static String body(String sql) {
        String text = sql.strip();
        return text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
    }

    private Optional<String> relationKind(String schema, String name) throws SQLException {
        try (PreparedStatement lookup = session.prepareStatement(
                "select c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?")) {
            lookup.setString(1, schema);
            lookup.setString(2, name);
            try (ResultSet found = lookup.executeQuery()) {
                if (!found.next()) {
                    return Optional.empty();
                }
                return Optional.of(
                        switch (found.getString(1)) {
                            case "v" -> "view";
                            case "m" -> "materialized view";
                            default -> "table";
                        });
            }
        }
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new FreshetException(ErrorKind.TARGET, e.getMessage(), e);
        }
    }

    private void rollBack(SQLException cause) {
        try {
            session.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.TARGET, "closing output '" + settings.name() + "' failed: " + e.getMessage(), e);
        }
    }
}

package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** A PostgreSQL output. Its sessions are read only, so that the database itself refuses a statement that would write. */
final class PostgresDatabase extends JdbcDatabase {

    private PostgresDatabase(Connection output, java.sql.Connection session) {
        super(output, session);
    }

    static PostgresDatabase connect(Connection output) {
        Properties properties = properties(output);
        // Without it the driver tells the server only when a transaction is begun, and each statement here commits
        // itself.
        properties.setProperty("readOnlyMode", "always");
        try {
            java.sql.Connection session = DriverManager.getConnection(url(output), properties);
            session.setReadOnly(true);
            return new PostgresDatabase(output, session);
        } catch (SQLException e) {
            throw unreachable(output, e);
        }
    }

    /** What a transaction sees of others. */
    enum Isolation {
        THE_SERVERS,
        REPEATABLE_READ
    }

    /** A session that may write; its user's role is the output's {@code role}. */
    static PostgresDatabase open(Connection output, Isolation isolation) {
        Properties properties = properties(output);
        // Texts bound to statements take the types of their columns, as literals do.
        properties.setProperty("stringtype", "unspecified");
        try {
            java.sql.Connection session = DriverManager.getConnection(url(output), properties);
            Optional<String> role = output.setting("role");
            if (role.isPresent()) {
                try (Statement statement = session.createStatement()) {
                    statement.execute("set role \"" + role.get().replace("\"", "\"\"") + "\"");
                }
            }
            if (isolation == Isolation.REPEATABLE_READ) {
                try (Statement statement = session.createStatement()) {
                    statement.execute("set session characteristics as transaction isolation level repeatable read");
                }
            }
            return new PostgresDatabase(output, session);
        } catch (SQLException e) {
            throw unreachable(output, e);
        }
    }

    private static Properties properties(Connection output) {
        Properties properties = new Properties();
        properties.setProperty("user", output.require("user"));
        output.setting("password")
                .or(() -> output.setting("pass"))
                .ifPresent(password -> properties.setProperty("password", password));
        output.setting("sslmode").ifPresent(mode -> properties.setProperty("sslmode", mode));
        properties.setProperty("connectTimeout", String.valueOf(output.integer("connect_timeout", 10)));
        properties.setProperty("ApplicationName", "freshet");
        output.setting("search_path").ifPresent(path -> properties.setProperty("currentSchema", path));
        return properties;
    }

    private static String url(Connection output) {
        return "jdbc:postgresql://" + output.require("host") + ":" + output.integer("port", 5432) + "/"
                + output.setting("dbname").orElseGet(() -> output.require("database"));
    }

    /** Of what is no plain type the information schema tells only that it is none. */
    @Override
    String type() {
        return "case when data_type in ('ARRAY', 'USER-DEFINED')"
                + " then (quote_ident(udt_schema) || '.' || quote_ident(udt_name))::regtype::text else data_type end";
    }

    @Override
    String temporary() {
        return "table_schema like 'pg_temp_%'";
    }

    @Override
    public List<FoundRelation> relations(String schema) {
        return relations(rows(
                "select current_database(), n.nspname, c.relname, case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end"
                        + " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname = ? order by 3",
                schema));
    }
}

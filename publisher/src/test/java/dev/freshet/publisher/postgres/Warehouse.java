package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Target;
import dev.freshet.state.Connection;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.testkit.PostgresServer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A real server with a database {@code warehouse}, and short ways to look into it. */
final class Warehouse implements AutoCloseable {

    static final String DATABASE = "warehouse";

    private final PostgresServer server;
    private int schemas;

    Warehouse(PostgresServer server) {
        this.server = server;
        server.createDatabase(DATABASE);
    }

    int port() {
        return server.port();
    }

    /** A name not used before; the schema itself does not exist yet. */
    synchronized String newSchema() {
        return "space " + ++schemas;
    }

    Target open(String schema, Ownership owner) {
        return open(schema, owner, server.port(), Map.of());
    }

    Target open(String schema, Ownership owner, int port, Map<String, String> settings) {
        return new PostgresTargetFactory().create(connection(schema, port, settings), owner);
    }

    Connection connection(String schema, int port, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "host", server.host(),
                "port", String.valueOf(port),
                "user", server.user(),
                "password", server.password(),
                "dbname", DATABASE,
                "schema", schema,
                "sslmode", "disable"));
        all.putAll(settings);
        return new Connection("warehouse", "postgres", all);
    }

    void execute(String... statements) {
        server.execute(DATABASE, statements);
    }

    /** Every row of a query; values as the driver gives them. */
    List<List<@Nullable Object>> query(String sql) {
        try (java.sql.Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<List<@Nullable Object>> rows = new ArrayList<>();
            while (row.next()) {
                List<@Nullable Object> values = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    values.add(row.getObject(i));
                }
                rows.add(values);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + " in " + sql, e);
        }
    }

    @Nullable
    Object value(String sql) {
        return query(sql).get(0).get(0);
    }

    java.sql.Connection connect() throws SQLException {
        return server.connect(DATABASE);
    }

    Map<Row, Long> contents(TableId table) {
        Map<Row, Long> counted = new HashMap<>();
        query("select * from " + Identifier.quote(table))
                .forEach(row -> counted.merge(Row.of(row.toArray()), 1L, Long::sum));
        return counted;
    }

    boolean exists(TableId table) {
        return !query("select 1 from information_schema.tables where table_schema = "
                        + Identifier.literal(table.schema()) + " and table_name = " + Identifier.literal(table.name()))
                .isEmpty();
    }

    long throughCut(TableId table) {
        return (Long)
                java.util.Objects.requireNonNull(value("select through_cut from " + Identifier.quote(table.schema())
                        + ".freshet_ledger where table_name = " + Identifier.literal(table.name())));
    }

    @Override
    public void close() {
        server.close();
    }
}

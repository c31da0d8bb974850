package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Target;
import dev.freshet.state.Connection;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A database file, and short ways to look into it between deliveries. */
record DuckDbFile(Path path) {

    Connection connection() {
        return new Connection("warehouse", "duckdb", Map.of("path", path.toString()));
    }

    Target open(Ownership owner) {
        return new DuckDbTargetFactory().create(connection(), owner);
    }

    Target open(Ownership owner, StatementListener listener) {
        return new DuckDbTarget(DuckDbSettings.of(connection()), owner, UUID::randomUUID, listener);
    }

    void execute(String... statements) {
        try (java.sql.Connection connection = DriverManager.getConnection("jdbc:duckdb:" + path);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<List<@Nullable Object>> query(String sql) {
        try (java.sql.Connection connection = DriverManager.getConnection("jdbc:duckdb:" + path);
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

    Map<Row, Long> contents(TableId table) {
        Map<Row, Long> counted = new HashMap<>();
        query("select * from " + name(table)).forEach(row -> counted.merge(Row.of(row.toArray()), 1L, Long::sum));
        return counted;
    }

    /** With the database's name, because the contract's schema is called the same. */
    String name(TableId table) {
        return Sql.quote(path.getFileName().toString().replace(".duckdb", "")) + "." + Sql.quote(table.schema()) + "."
                + Sql.quote(table.name());
    }

    boolean exists(TableId table) {
        return !query("select 1 from information_schema.tables where table_schema = " + Sql.literal(table.schema())
                        + " and table_name = " + Sql.literal(table.name()))
                .isEmpty();
    }
}

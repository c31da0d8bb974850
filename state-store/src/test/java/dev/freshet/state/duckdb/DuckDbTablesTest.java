package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckDbTablesTest {

    @TempDir
    Path directory;

    @Test
    void namesAreTheSameInAnyCase() throws SQLException {
        Path file = directory.resolve("w.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema \"Lake\"");
            statement.execute("create table \"Lake\".\"Kept\" as select 7 as \"Id\"");
        }
        TableId kept = new TableId("warehouse", "lake", "kept");
        List<Object> found = new ArrayList<>();
        try (DuckDbTables tables = DuckDbTables.open(file).orElseThrow()) {
            assertThat(tables.exists(kept)).isTrue();
            assertThat(tables.exists(new TableId("warehouse", "lake", "other"))).isFalse();
            tables.read(kept, tables.schema(kept), row -> found.add(String.valueOf(row.value(0))));
        }
        assertThat(found).containsExactly("7");
    }
}

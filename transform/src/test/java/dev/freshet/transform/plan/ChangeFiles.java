package dev.freshet.transform.plan;

import dev.freshet.state.Column;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/** Changes of a simulated source's tables, as Parquet files of the form that staging has. */
final class ChangeFiles implements AutoCloseable {

    /** @param row SQL literals */
    record Event(String op, List<String> row) {}

    private final Path directory;
    private final Connection connection;
    private int files;

    ChangeFiles(Path directory) throws SQLException {
        this.directory = directory;
        this.connection = DriverManager.getConnection("jdbc:duckdb:");
    }

    Path write(List<Column> columns, long position, List<Event> events) throws SQLException {
        Path file = directory.resolve("staged-" + ++files + ".parquet");
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE OR REPLACE TABLE staged (_op VARCHAR, _position BIGINT, _tx BIGINT,"
                    + " _committed_at TIMESTAMPTZ, _sequence BIGINT, _unavailable VARCHAR, _poison VARCHAR, _load BIGINT, "
                    + columns.stream()
                            .map(column ->
                                    "\"" + column.name() + "\" " + column.type().sql())
                            .collect(Collectors.joining(", "))
                    + ")");
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < events.size(); i++) {
                rows.append(i == 0 ? "" : ", ")
                        .append("('%s', %d, %d, now(), %d, NULL, NULL, NULL, %s)"
                                .formatted(
                                        events.get(i).op(),
                                        position,
                                        position,
                                        i,
                                        String.join(", ", events.get(i).row())));
            }
            statement.execute("INSERT INTO staged VALUES " + rows);
            statement.execute("COPY staged TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

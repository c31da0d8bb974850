package dev.freshet.state.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * One DuckDB connection, used by one thread: statements in, small answers out. DuckDB closes a JDBC statement that failed, so each text
 * gets its own.
 */
final class Session implements AutoCloseable {

    /** Reads the current row of a result. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** A column of a query's result: its name and DuckDB's name of its type. */
    record ResultColumn(String name, String type) {}

    /** From this many rows on working tables are worth a statement each to free their memory. */
    static final long LARGE = 50_000;

    private final Connection connection;

    Session(Connection connection) {
        this.connection = connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs and tells how many rows it changed. */
    long update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    /** Runs with the values bound to its question marks. */
    void execute(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            statement.execute();
        }
    }

    /** The first column of the only row, 0 for NULL. */
    long number(String sql) throws SQLException {
        return numbers(sql, 1)[0];
    }

    /** The first columns of the only row, 0 for NULL. */
    long[] numbers(String sql, int columns) throws SQLException {
        long[] values = new long[columns];
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            for (int i = 0; i < columns; i++) {
                values[i] = result.getLong(i + 1);
            }
        }
        return values;
    }

    <T> List<T> rows(String sql, RowReader<T> reader, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (ResultSet result = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(reader.read(result));
                }
                return rows;
            }
        }
    }

    /** What a query would return, without running it. */
    List<ResultColumn> describe(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ResultSetMetaData shape = statement.getMetaData();
            List<ResultColumn> columns = new ArrayList<>();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                columns.add(new ResultColumn(shape.getColumnName(i), shape.getColumnTypeName(i)));
            }
            return columns;
        }
    }

    /** The caller closes the statement. */
    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

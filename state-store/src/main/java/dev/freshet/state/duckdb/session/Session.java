package dev.freshet.state.duckdb.session;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One DuckDB connection, used by one thread: statements in, small answers out.
 *
 * <p>A cycle over few rows costs what its statements cost, so those that come in every cycle are prepared once and kept: planned once by the methods that take a
 * {@link Planning}, as far as it says so, and parsed once by the others that have nothing to bind. That pays only as long as no table or view is made or
 * dropped, after which they are prepared again: hence {@link WorkingTables}.
 */
public final class Session implements AutoCloseable {

    /** Reads the current row of a result. */
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Takes the current row of a result. */
    public interface RowVisitor {
        void visit(ResultSet row) throws SQLException;
    }

    /** A column of a query's result: its name and DuckDB's name of its type. */
    public record ResultColumn(String name, String type) {}

    private interface Work<T> {
        T run(PreparedStatement statement) throws SQLException;
    }

    private interface Answer<T> {
        T get() throws SQLException;
    }

    /** The same with a text that is not prepared. */
    private interface TextWork<T> {
        T run(Statement statement) throws SQLException;
    }

    /** From this many rows on working tables are worth a statement each to free their memory. */
    public static final long LARGE = 50_000;

    private final Connection connection;
    /** Planned once, as written. */
    private final PreparedTexts prepared;
    /** Parsed once, planned each time. */
    private final PreparedTexts parsed;

    private final RecentTexts recent = new RecentTexts();
    private final WorkingTables working = new WorkingTables(this);
    private Planning planning = Planning.OPTIMIZED;
    /** Counts what makes DuckDB plan kept statements again: that something was made or dropped, and the end of a transaction in which it was. */
    private long shape;

    private boolean shaped;

    /** Takes the connection over: it is closed with the session. */
    public Session(Connection connection) {
        this.connection = connection;
        this.prepared = new PreparedTexts(connection);
        this.parsed = new PreparedTexts(connection);
    }

    /** Runs a statement; one that makes, changes or drops something has kept statements planned again. */
    public void execute(String sql) throws SQLException {
        if (sql.startsWith("CREATE ") || sql.startsWith("DROP ") || sql.startsWith("ALTER ")) {
            shaped = true;
            shape++;
        }
        optimized(sql, PreparedStatement::execute, statement -> statement.execute(sql));
    }

    /** BEGIN, COMMIT or ROLLBACK: the last must work after anything. */
    public void transaction(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        if (shaped && !sql.startsWith("BEGIN")) {
            shaped = false;
            shape++;
        }
    }

    /** Runs and tells how many rows it changed. */
    public long update(String sql) throws SQLException {
        return optimized(sql, PreparedStatement::executeLargeUpdate, statement -> statement.executeLargeUpdate(sql));
    }

    /** Runs with the values bound to its question marks. */
    public void execute(String sql, Object... values) throws SQLException {
        plan(Planning.OPTIMIZED);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            statement.execute();
        }
    }

    /** The first column of the only row, 0 for NULL. */
    public long number(String sql) throws SQLException {
        return numbers(sql, 1)[0];
    }

    /** The first columns of the only row, 0 for NULL. */
    public long[] numbers(String sql, int columns) throws SQLException {
        return optimized(
                sql,
                kept -> numbers(kept.executeQuery(), columns),
                statement -> numbers(statement.executeQuery(sql), columns));
    }

    /** Runs a statement that comes again, with the values bound to its question marks, and tells how many rows it changed. */
    public long update(Planning how, String sql, Object... values) throws SQLException {
        if (how == Planning.OPTIMIZED) {
            requireNothingToBind(values);
            return update(sql);
        }
        return asWritten(sql, statement -> {
            bind(statement, values);
            return statement.executeLargeUpdate();
        });
    }

    /** Runs a statement that comes again, as it is written, and reads the rows that it returns: a query's, or those that RETURNING names. */
    public void each(String sql, RowVisitor visitor) throws SQLException {
        asWritten(sql, statement -> {
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    visitor.visit(result);
                }
            }
            return true;
        });
    }

    /** As {@link #numbers(String, int)}, for a query that comes again. */
    public long[] numbers(Planning how, String sql, int columns) throws SQLException {
        return how == Planning.OPTIMIZED
                ? numbers(sql, columns)
                : asWritten(sql, statement -> numbers(statement.executeQuery(), columns));
    }

    /** As {@link #number(String)}, for a query that comes again. */
    public long number(Planning how, String sql) throws SQLException {
        return numbers(how, sql, 1)[0];
    }

    /** The tables in which statements leave rows for one another. */
    public WorkingTables working() {
        return working;
    }

    /** All rows, with the values bound to the question marks. */
    public <T> List<T> rows(String sql, RowReader<T> reader, Object... values) throws SQLException {
        plan(Planning.OPTIMIZED);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return rows(statement.executeQuery(), reader);
        }
    }

    /** Without values to bind, so that DuckDB plans it once: what is prepared it plans before and when it is run. */
    public <T> List<T> rows(String sql, RowReader<T> reader) throws SQLException {
        plan(Planning.OPTIMIZED);
        try (Statement statement = connection.createStatement()) {
            return rows(statement.executeQuery(sql), reader);
        }
    }

    private static <T> List<T> rows(ResultSet answer, RowReader<T> reader) throws SQLException {
        try (ResultSet result = answer) {
            List<T> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        }
    }

    /** What a query would return, without running it. */
    public List<ResultColumn> describe(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ResultSetMetaData shape = statement.getMetaData();
            List<ResultColumn> columns = new ArrayList<>();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                columns.add(new ResultColumn(shape.getColumnName(i), shape.getColumnTypeName(i)));
            }
            return columns;
        }
    }

    /** For a query whose result is read row by row. The caller closes the statement. */
    public Statement statement() throws SQLException {
        plan(Planning.OPTIMIZED);
        return connection.createStatement();
    }

    private static void requireNothingToBind(Object... values) {
        if (values.length > 0) {
            throw new IllegalArgumentException("values are bound to statements that are planned as they are written");
        }
    }

    private <T> T asWritten(String sql, Work<T> work) throws SQLException {
        Optional<PreparedStatement> kept = prepared.get(sql, shape);
        if (kept.isEmpty()) {
            plan(Planning.AS_WRITTEN);
        }
        PreparedStatement statement = kept.isPresent() ? kept.get() : prepared.add(sql, shape);
        return forgettingIfItFails(prepared, sql, () -> work.run(statement));
    }

    /** A text that came before, and reads or changes rows, is kept parsed: DuckDB plans it anew by the data, but does not parse it, a fifth of what a text costs. */
    private <T> T optimized(String sql, Work<T> work, TextWork<T> once) throws SQLException {
        plan(Planning.OPTIMIZED);
        Optional<PreparedStatement> kept = parsed.get(sql, shape);
        if (kept.isEmpty() && !(recent.cameBefore(sql) && parsed.hasRoom(sql))) {
            try (Statement statement = connection.createStatement()) {
                return once.run(statement);
            }
        }
        PreparedStatement statement = kept.isPresent() ? kept.get() : parsed.add(sql, shape);
        return forgettingIfItFails(parsed, sql, () -> work.run(statement));
    }

    private static <T> T forgettingIfItFails(PreparedTexts texts, String sql, Answer<T> work) throws SQLException {
        boolean done = false;
        try {
            T result = work.get();
            done = true;
            return result;
        } finally {
            if (!done) {
                texts.forget(sql);
            }
        }
    }

    private void plan(Planning how) throws SQLException {
        if (how != planning) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION enable_optimizer = " + (how == Planning.OPTIMIZED));
            }
            planning = how;
        }
    }

    private static long[] numbers(ResultSet answer, int columns) throws SQLException {
        try (ResultSet result = answer) {
            long[] values = new long[columns];
            result.next();
            for (int i = 0; i < columns; i++) {
                values[i] = result.getLong(i + 1);
            }
            return values;
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    @Override
    public void close() throws SQLException {
        try {
            prepared.close();
            parsed.close();
        } finally {
            connection.close();
        }
    }
}

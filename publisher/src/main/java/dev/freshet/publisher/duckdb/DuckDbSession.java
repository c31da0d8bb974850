package dev.freshet.publisher.duckdb;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.file.HiddenValues;
import dev.freshet.state.duckdb.file.SharedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file, opened for one delivery, with its transaction. Used by one thread, except for {@link #cancel}. After any error it is only closed:
 * DuckDB's commit would report a success and keep nothing.
 */
final class DuckDbSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbSession.class);

    /** Reads the current row of a result. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final DuckDbSettings settings;
    private final DuckDBConnection connection;
    private final String database;
    private final StatementListener listener;
    private volatile @Nullable Statement running;
    private volatile boolean cancelled;

    private DuckDbSession(
            DuckDbSettings settings, DuckDBConnection connection, String database, StatementListener listener) {
        this.settings = settings;
        this.connection = connection;
        this.database = database;
        this.listener = listener;
    }

    /** @throws FreshetException RETRYABLE while another process has the file open */
    static DuckDbSession open(DuckDbSettings settings, StatementListener listener) {
        Path directory = settings.file().getParent();
        try {
            if (directory != null) {
                Files.createDirectories(directory);
            }
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "the directory of file '" + settings.file() + "' of output '" + settings.output()
                            + "' can't be created: " + e + ". Create it, or choose another path",
                    e);
        }
        DuckDBConnection connection;
        try {
            connection = (DuckDBConnection) SharedFile.connect("jdbc:duckdb:" + settings.file());
        } catch (SQLException e) {
            throw DuckDbErrors.translate(e, "delivering", settings);
        }
        try {
            return new DuckDbSession(settings, connection, configure(connection, settings), listener);
        } catch (SQLException e) {
            closeQuietly(connection);
            throw DuckDbErrors.translate(e, "delivering", settings);
        } catch (FreshetException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    private static String configure(DuckDBConnection connection, DuckDbSettings settings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery("SELECT current_setting('enable_external_access'), current_database()")) {
                row.next();
                // Within one process DuckDB hands out the database that is open already, and only the state store is so
                // shut.
                if (!row.getBoolean(1)) {
                    throw new FreshetException(
                            ErrorKind.USER,
                            "output '" + settings.output() + "' names Freshet's own state store '" + settings.file()
                                    + "': give it another path");
                }
                String database = row.getString(2);
                statement.execute("SET memory_limit = " + Sql.literal(settings.memoryLimit()));
                statement.execute("SET threads = " + settings.threads());
                statement.execute("SET autoinstall_known_extensions = false");
                statement.execute("SET autoload_known_extensions = false");
                statement.execute("SET TimeZone = 'UTC'");
                connection.setAutoCommit(false);
                return database;
            }
        }
    }

    private static void closeQuietly(DuckDBConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("closing a DuckDB file", e);
        }
    }

    DuckDbSettings settings() {
        return settings;
    }

    /** The whole name: a schema may be called as the database is. */
    String name(TableId table) {
        return name(table.schema(), table.name());
    }

    String name(String schema, String table) {
        return Sql.quote(database) + "." + Sql.quote(schema) + "." + Sql.quote(table);
    }

    String schemaName(String schema) {
        return Sql.quote(database) + "." + Sql.quote(schema);
    }

    void execute(String sql) throws SQLException {
        update(sql);
    }

    /** Runs with the values bound to its question marks; tells how many rows it changed. */
    long update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            return Math.max(statement.executeLargeUpdate(), 0);
        } finally {
            running = null;
        }
    }

    <T> List<T> rows(String sql, RowReader<T> reader, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet result = statement.executeQuery()) {
            List<T> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        } finally {
            running = null;
        }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        listener.before(sql);
        PreparedStatement statement = connection.prepareStatement(sql);
        running = statement;
        requireNotCancelled();
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    /** The caller closes it. */
    DuckDBAppender append(String temporaryTable) throws SQLException {
        listener.before("append to " + temporaryTable);
        return connection.createAppender("temp", "main", temporaryTable);
    }

    /** @throws FreshetException OUTCOME_UNKNOWN when the answer was lost */
    void commit() {
        requireNotCancelled();
        try {
            listener.before("commit");
            connection.commit();
            listener.before("the answer to commit");
        } catch (SQLException e) {
            throw outcomeUnknown(e);
        }
    }

    FreshetException outcomeUnknown(SQLException e) {
        return new FreshetException(
                ErrorKind.OUTCOME_UNKNOWN,
                "whether the last delivery to file '" + settings.file() + "' of output '" + settings.output()
                        + "' was committed is not known; its ledger decides. DuckDB says: " + DuckDbErrors.firstLine(e),
                HiddenValues.in(e));
    }

    void requireNotCancelled() {
        if (cancelled) {
            throw new FreshetException(ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed");
        }
    }

    /** Breaks off what is under way. Any thread. */
    void cancel() {
        cancelled = true;
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.debug("breaking off a delivery to '{}'", settings.output(), e);
            }
        }
    }

    /** What was not committed is gone. */
    @Override
    public void close() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.debug("ending a delivery to '{}'", settings.output(), e);
        }
        closeQuietly(connection);
    }
}

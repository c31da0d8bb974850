package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.DebeziumLog;
import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.TransactionSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Completes rows whose key changes while their table is being loaded. The load reads the table in pieces: one may read the new key's place before
 * the row came there, and a later one the old key's place after it left, so that nobody has the values that the log did not send. They are
 * taken from the table as it is, and towards the load's end as it was at one moment ({@link #settle}):
 *
 * <ul>
 *   <li>Whatever moved a row last before that moment is completed, since the row still stands there. Moves before it need no values, as nothing of the
 *       table is used before the load's end.
 *   <li>A later move is left as it is: the image before it is whole. Completing it from a later table would give it values from after the
 *       load's end, or of the row that has taken its place.
 * </ul>
 *
 * <p>Used by the thread that reads the log and by the one that loads.
 */
final class MovedRows implements AutoCloseable {

    private static final long VISIBLE_AFTER_MILLIS = 10_000;
    private static final long LOOK_AGAIN_MILLIS = 5;

    private record Settled(TableId table, Connection connection, TransactionSnapshot snapshot) {}

    private final Database database;
    private @Nullable Connection connection;
    // Read by a thread that must not wait for one that looks rows up.
    private volatile @Nullable Settled settled;

    MovedRows(Database database) {
        this.database = database;
    }

    /**
     * From now on rows of this table are completed as they stand at this moment, until {@link #release} or until the moment is lost with its connection: who
     * relies on it asks {@link #isSettled}. The moment is held by a transaction, for which the server keeps rows that others deleted, so it is asked
     * for when the stream has nearly caught up.
     *
     * @return a position behind every transaction that the moment shows: a load that ends there has what it needs
     */
    synchronized long settle(TableId table) throws SQLException {
        release();
        Connection held = database.connect();
        try {
            // How long it is held is up to the caller; a server that ended it would only have it taken again.
            try (Statement statement = held.createStatement()) {
                statement.execute("set idle_in_transaction_session_timeout = 0");
            }
            held.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            held.setReadOnly(true);
            held.setAutoCommit(false);
            TransactionSnapshot snapshot = TableLoads.snapshot(held);
            long position = ReplicationSlot.lsn(held, "pg_current_wal_insert_lsn()");
            settled = new Settled(table, held, snapshot);
            return position;
        } catch (SQLException e) {
            close(held);
            throw e;
        }
    }

    /** Whether the moment of the last {@link #settle} is held still. */
    boolean isSettled(TableId table) {
        Settled now = settled;
        return now != null && now.table().equals(table);
    }

    synchronized void release() {
        Settled now = settled;
        if (now != null) {
            settled = null;
            close(now.connection());
        }
    }

    /** @param transaction whose change it is, by its 64-bit id */
    synchronized RowEvent complete(CapturedTable table, RowEvent row, long transaction) {
        try {
            Settled now = settled;
            if (now != null && now.table().equals(table.id())) {
                return now.snapshot().shows(transaction) ? filled(now.connection(), table, row) : row;
            }
            waitUntilShown(connection(), transaction);
            return filled(connection(), table, row);
        } catch (SQLException e) {
            close();
            throw database.failed(
                    "completing a moved row of table \"" + table.id().name() + "\"", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FreshetException(ErrorKind.RETRYABLE, "completing a moved row was interrupted", e);
        }
    }

    private static RowEvent filled(Connection connection, CapturedTable table, RowEvent row)
            throws SQLException, IOException {
        List<String> columns = row.relation().columns();
        List<String> key = new ArrayList<>();
        for (String column : table.schema().key()) {
            key.add(row.after()[columns.indexOf(column)]);
        }
        TableCopy copy = new TableCopy(table);
        @Nullable String[] filled = row.after().clone();
        TableCopy.copy(connection, copy.one(key), line -> {
            @Nullable String[] now = copy.fields(line, line.length);
            for (int i = 0; i < filled.length; i++) {
                int source = table.schema().indexOf(columns.get(i));
                if (DebeziumLog.isUnavailable(filled[i]) && source >= 0) {
                    filled[i] = now[source];
                }
            }
            return true;
        });
        return new RowEvent(row.relation(), row.operation(), row.moved(), row.before(), filled);
    }

    /** The log may tell of a transaction a moment before its work shows. */
    private void waitUntilShown(Connection connection, long transaction) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(VISIBLE_AFTER_MILLIS);
        while (!TableLoads.snapshot(connection).shows(transaction)) {
            if (System.nanoTime() > deadline) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE,
                        "transaction " + transaction + " of output '" + database.output()
                                + "' is in the log, but its work"
                                + " does not show: is a synchronous standby away? The load goes on when it does");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null) {
            open = database.connect();
            connection = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        release();
        if (connection != null) {
            close(connection);
            connection = null;
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException ignored) {
            // Nothing depends on it.
        }
    }
}

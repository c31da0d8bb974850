package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSource;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that looks at the slot every few seconds: how far behind it is, and whether the log has grown without a row of ours, in which
 * case a heartbeat moves the stream, so that the server can forget what it keeps for us.
 */
final class SlotWatch implements Runnable {

    private static final long PAUSE_MILLIS = 2_000;
    private static final long HEARTBEAT_BYTES = 1L << 20;
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Database database;
    private final SourceNames names;
    private final RecentTransactions recent;
    private final SourceState state;
    private long heartbeatAtNanos = System.nanoTime();

    SlotWatch(Database database, SourceNames names, RecentTransactions recent, SourceState state) {
        this.database = database;
        this.names = names;
        this.recent = recent;
        this.state = state;
    }

    @Override
    public void run() {
        Connection connection = null;
        try {
            while (!state.isClosed()) {
                connection = look(connection);
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(connection);
        }
    }

    /** Returns the connection to go on with; the thread that reads the log is the one to tell of an outage. */
    private @Nullable Connection look(@Nullable Connection open) {
        Connection connection = open;
        try {
            if (connection == null) {
                connection = database.connect();
            }
            watch(connection);
            return connection;
        } catch (SQLException | FreshetException e) {
            close(connection);
            state.log(ChangeSource.LogRetention.UNKNOWN);
            return null;
        }
    }

    private void watch(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8, wal_status, safe_wal_size"
                        + " from pg_catalog.pg_replication_slots where slot_name = ?")) {
            query.setString(1, names.slot());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    state.log(ChangeSource.LogRetention.UNKNOWN);
                    return;
                }
                long inserted = row.getLong(1);
                long acknowledged = state.acknowledged();
                String status = row.getString(2);
                long safe = row.getLong(3);
                state.log(new ChangeSource.LogRetention(
                        acknowledged == 0 ? -1 : Math.max(0, inserted - acknowledged),
                        status == null ? "" : status,
                        row.wasNull() ? -1 : safe));
                if ("unreserved".equals(status)) {
                    state.notice("replication slot \"" + names.slot()
                            + "\" is about to be invalidated by the server: what is staged lags too far behind its log."
                            + " Raise max_slot_wal_keep_size");
                }
                beat(connection, inserted);
            }
        }
    }

    private void beat(Connection connection, long inserted) throws SQLException {
        long now = System.nanoTime();
        if (inserted - recent.position() > HEARTBEAT_BYTES && now - heartbeatAtNanos > HEARTBEAT_NANOS) {
            Heartbeat.emit(connection, names, Heartbeat.POSITION);
            heartbeatAtNanos = now;
        }
    }

    private static void close(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException ignored) {
            // Nothing depends on it.
        }
    }
}

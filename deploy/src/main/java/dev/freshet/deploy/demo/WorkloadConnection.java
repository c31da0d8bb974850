package dev.freshet.deploy.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the workload: transaction after transaction at its pace, whatever the database says, until it is stopped. */
final class WorkloadConnection {

    private static final Logger LOG = LoggerFactory.getLogger(WorkloadConnection.class);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PostgresAddress database;
    private final DemoWorkload.Traffic traffic;
    private final Pace pace;
    private final WorkloadCounters counters;
    private @Nullable Connection connection;

    WorkloadConnection(PostgresAddress database, DemoWorkload.Traffic traffic, Pace pace, WorkloadCounters counters) {
        this.database = database;
        this.traffic = traffic;
        this.pace = pace;
        this.counters = counters;
    }

    /** @param pause waits that many nanoseconds, or less when stopped */
    void run(BooleanSupplier stopped, LongConsumer pause) {
        while (!stopped.getAsBoolean()) {
            long wait = pace.waitNanos();
            if (wait > 0) {
                pause.accept(wait);
            } else if (!commitOne()) {
                pause.accept(RETRY_NANOS);
            }
        }
        disconnect();
    }

    private boolean commitOne() {
        Connection current = connection;
        try {
            if (current == null) {
                current = database.connect();
                current.setAutoCommit(false);
                connection = current;
            }
            int rows = traffic.commitOne(current);
            if (rows > 0) {
                counters.committed(rows);
            }
            pace.spend(rows);
            return true;
        } catch (SQLException e) {
            if (isRefusal(e) && current != null && rolledBack(current)) {
                counters.conflict();
                LOG.debug("The demo's transaction was refused: {}", e.getMessage());
                return true;
            }
            LOG.debug("The demo lost its connection to {}: {}", database, e.getMessage());
            counters.lostConnection();
            disconnect();
            return false;
        }
    }

    /** Whether the database refused the transaction (constraint violation, deadlock, lock timeout) and the connection lives on. */
    private static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("23") || state.startsWith("40") || state.startsWith("55"));
    }

    private static boolean rolledBack(Connection connection) {
        try {
            connection.rollback();
            return true;
        } catch (SQLException ignored) {
            return false;
        }
    }

    private void disconnect() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            try {
                current.close();
            } catch (SQLException ignored) {
                // It is given up either way.
            }
        }
    }
}

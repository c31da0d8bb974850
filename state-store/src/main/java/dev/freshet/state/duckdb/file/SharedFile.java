package dev.freshet.state.duckdb.file;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens DuckDB files that several parts of this process come to: all sessions of a process share one instance of a file, which closes with the
 * last of them.
 */
public final class SharedFile {

    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(5);

    private SharedFile() {}

    /**
     * A session. While the instance before is being closed, DuckDB refuses the file with a conflict of handles; that moment is waited for.
     *
     * @param properties the driver's
     * @throws SQLException DuckDB's refusal; that of a conflict after five seconds, or at once in a thread that is interrupted
     */
    public static Connection connect(String url, Properties properties) throws SQLException {
        long began = System.nanoTime();
        while (true) {
            try {
                return DriverManager.getConnection(url, properties);
            } catch (SQLException e) {
                boolean late = System.nanoTime() - began > LONGEST_CLOSING.toNanos();
                if (!isConflict(e) || late || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** A session without settings of its own. */
    public static Connection connect(String url) throws SQLException {
        return connect(url, new Properties());
    }

    /** Whether DuckDB refused a file since another instance of this process has it. */
    public static boolean isConflict(SQLException thrown) {
        return String.valueOf(thrown.getMessage()).contains("Unique file handle conflict");
    }
}

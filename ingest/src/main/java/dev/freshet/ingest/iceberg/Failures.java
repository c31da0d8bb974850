package dev.freshet.ingest.iceberg;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.net.SocketException;
import java.sql.SQLException;
import java.util.Locale;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.RESTException;

/** Says whose move it is after a failed write. */
final class Failures {

    private static final int DEEPEST = 20;

    private Failures() {}

    /** Whether a file could not be written, which is certain to have happened before the catalog was told. */
    static boolean isWriteFailure(Throwable problem) {
        boolean file = false;
        Throwable cause = problem;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof CommitStateUnknownException
                    || cause instanceof RESTException
                    || cause instanceof SocketException) {
                return false;
            }
            file |= cause instanceof IOException || isFull(cause);
            cause = cause.getCause();
        }
        return file;
    }

    /** SQLite could not grow its file: the statement was rolled back. */
    private static boolean isFull(Throwable cause) {
        String message = cause.getMessage();
        return cause instanceof SQLException
                && message != null
                && message.toUpperCase(Locale.ROOT).contains("SQLITE_FULL");
    }

    static FreshetException writeFailed(String location, Throwable problem) {
        Throwable root = problem;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
            root = root.getCause();
        }
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "can't write to staging at '" + location + "': " + reason
                        + ". Nothing is lost: free disk space there, or make it writable, and it goes on",
                problem);
    }
}

package dev.freshet.state.duckdb.file;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.SQLException;
import java.util.Locale;

/** What DuckDB's errors mean for whoever has to act. DuckDB tells its kinds of error apart by text only. */
public final class StoreErrors {

    private StoreErrors() {}

    /** @param doing what was being done, to follow "while" */
    public static FreshetException of(String doing, DuckDbConfig config, SQLException thrown) {
        SQLException error = HiddenValues.in(thrown);
        String text = text(error);
        if (isDiskFull(text)) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the disk of state store '" + config.file() + "' (or of its temporary directory '"
                            + config.temporaryDirectory() + "') is full while " + doing
                            + ": free space there; nothing was changed and Freshet tries again. DuckDB says: "
                            + firstLine(error),
                    error);
        }
        if (isOutOfMemory(text)) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the state store's memory limit of " + (config.memoryLimitBytes() >> 20)
                            + " MiB was not enough while " + doing + ": raise it. Nothing was changed. DuckDB says: "
                            + firstLine(error),
                    error);
        }
        if (isBroken(text)) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "state store '" + config.file() + "' had to be closed while " + doing
                            + " and is opened again at the next attempt; nothing was changed. DuckDB says: "
                            + firstLine(error),
                    error);
        }
        if (isCorrupt(text)) {
            return new FreshetException(
                    ErrorKind.INTERNAL,
                    "state store '" + config.file() + "' is damaged, found while " + doing
                            + ": stop Freshet, delete the file and start again; it is rebuilt from staging. DuckDB says: "
                            + firstLine(error),
                    error);
        }
        if (text.startsWith("io error")) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "a file could not be read or written while " + doing + ". DuckDB says: " + firstLine(error),
                    error);
        }
        return new FreshetException(
                ErrorKind.INTERNAL, "failed while " + doing + ". DuckDB says: " + firstLine(error), error);
    }

    /** Whether the fault lies with the machine or the store, not with the statement. */
    public static boolean isOurs(SQLException error) {
        String text = text(error);
        return isDiskFull(text) || isBroken(text) || isCorrupt(text) || text.startsWith("io error");
    }

    /** Whether the statement wanted more memory than DuckDB may take. */
    public static boolean isOutOfMemory(SQLException error) {
        return isOutOfMemory(text(error));
    }

    /** Whether the database must be closed and opened before it can be used again. */
    public static boolean isBroken(SQLException error) {
        return isBroken(text(error));
    }

    /** DuckDB's message without the lines that repeat the statement, and without the values of rows. */
    public static String firstLine(SQLException thrown) {
        SQLException error = HiddenValues.in(thrown);
        String message = error.getMessage() == null ? error.toString() : error.getMessage();
        int end = message.indexOf("\n\n");
        return (end < 0 ? message : message.substring(0, end)).strip().replaceAll("\\s*\n\\s*", " ");
    }

    private static boolean isDiskFull(String text) {
        return text.contains("no space left on device")
                || text.contains("disk quota exceeded")
                || text.contains("not enough space on the disk")
                || text.contains("max_temp_directory_size");
    }

    private static boolean isOutOfMemory(String text) {
        return text.startsWith("out of memory error");
    }

    private static boolean isBroken(String text) {
        return text.startsWith("fatal error")
                || text.contains("database has been invalidated")
                || text.startsWith("internal error")
                || text.contains("connection was closed")
                || text.contains("connection has already been closed");
    }

    private static boolean isCorrupt(String text) {
        return text.startsWith("data corruption error") || text.contains("corrupt database file");
    }

    private static String text(SQLException error) {
        return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    }
}

package dev.freshet.publisher.duckdb;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.duckdb.file.HiddenValues;
import dev.freshet.state.duckdb.file.SharedFile;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What DuckDB's errors mean for whoever has to act. DuckDB tells its kinds of error apart by text only. */
final class DuckDbErrors {

    private static final Pattern HOLDER = Pattern.compile("lock is held in (.+?)(?:\\. See also|$)");
    private static final List<String> ONE_TABLE = List.of(
            "catalog error",
            "binder error",
            "constraint error",
            "conversion error",
            "dependency error",
            "out of range error",
            "not implemented error",
            "mismatch type error",
            "parser error");

    private DuckDbErrors() {}

    static FreshetException translate(SQLException thrown, String doing, DuckDbSettings settings) {
        SQLException error = HiddenValues.in(thrown);
        String text = text(error);
        String file = "file '" + settings.file() + "' of output '" + settings.output() + "'";
        if (text.contains("could not set lock") || text.contains("being used by another process")) {
            Matcher holder = HOLDER.matcher(firstLine(error));
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    file + " is open in " + (holder.find() ? holder.group(1) : "another process")
                            + ": close it there, Freshet tries again; nothing was changed",
                    error);
        }
        if (text.contains("different configuration") || SharedFile.isConflict(error)) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    file + " is open in this very process: close it there, Freshet tries again; nothing was changed",
                    error);
        }
        if (text.contains("no space left on device") || text.contains("disk quota exceeded")) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the disk of " + file + " is full while " + doing
                            + ": free space there, Freshet tries again; nothing was changed",
                    error);
        }
        if (text.startsWith("out of memory error")) {
            return new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the memory limit of " + settings.memoryLimit() + " was not enough while " + doing + " to " + file
                            + ": raise 'memory_limit' of that output; nothing was changed",
                    error);
        }
        boolean passes = text.startsWith("transactioncontext error")
                || text.startsWith("interrupt error")
                || text.startsWith("fatal error")
                || text.startsWith("internal error");
        return new FreshetException(
                passes ? ErrorKind.RETRYABLE : ErrorKind.TARGET,
                doing + " to " + file + " failed and nothing was changed; Freshet tries again. DuckDB says: "
                        + firstLine(error),
                error);
    }

    /** Whether the fault lies with one table's statements, so that others could be delivered without it. */
    static boolean concernsOneTable(SQLException error) {
        String text = text(error);
        return ONE_TABLE.stream().anyMatch(text::startsWith);
    }

    /** DuckDB's message without the lines that repeat the statement, and without the values of rows. */
    static String firstLine(SQLException thrown) {
        SQLException error = HiddenValues.in(thrown);
        String message = error.getMessage() == null ? error.toString() : error.getMessage();
        int end = message.indexOf("\n\n");
        return (end < 0 ? message : message.substring(0, end)).strip().replaceAll("\\s*\n\\s*", " ");
    }

    private static String text(SQLException error) {
        return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    }
}

package dev.freshet.state.duckdb.file;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the values of rows out of DuckDB's errors before anybody reads them on a page or in a log. Only those about data name values; the others name tables,
 * columns and functions, and stay as they are. DuckDB puts a value in quotes of either kind, escapes nothing in it, and leaves numbers bare. The whole text is
 * logged at DEBUG. Any thread.
 */
public final class HiddenValues {

    private static final Logger log = LoggerFactory.getLogger(HiddenValues.class);

    private static final List<String> ABOUT_DATA = List.of(
            "conversion error:",
            "invalid input error:",
            "out of range error:",
            "constraint error:",
            "mismatch type error:",
            "transactioncontext error:");

    /** Up to the last closing quote, for a value may hold quotes itself; an apostrophe within a word is none. */
    private static final Pattern QUOTED = Pattern.compile("(?<!\\w)(['\"]).*\\1(?!\\w)|(?<!\\w)['\"].*");

    private static final Pattern NUMBER =
            Pattern.compile("DECIMAL\\(\\d+,\\s?\\d+\\)|\\w*[A-Za-z_]\\w*|[-+]?\\d[\\d.,:eE+-]*");

    private static final Pattern WORD = Pattern.compile("[A-Za-z_]");

    private HiddenValues() {}

    /** One that was seen to already. */
    private static final class Hidden extends SQLException {

        private static final long serialVersionUID = 1;

        Hidden(String message, SQLException error) {
            super(message, error.getSQLState(), error.getErrorCode());
            setStackTrace(error.getStackTrace());
        }
    }

    /** The same error, or one like it without values. */
    public static SQLException in(SQLException error) {
        String message = String.valueOf(error.getMessage());
        String line = message.lines().findFirst().orElse("");
        if (error instanceof Hidden || ABOUT_DATA.stream().noneMatch(line.toLowerCase(Locale.ROOT)::contains)) {
            return error;
        }
        log.debug("DuckDB says in full: {}", message);
        return new Hidden(without(line), error);
    }

    private static String without(String line) {
        String quoted = QUOTED.matcher(line)
                .replaceAll(found -> found.group(1) == null ? "…" : found.group(1) + "…" + found.group(1));
        return NUMBER.matcher(quoted)
                .replaceAll(found -> WORD.matcher(found.group()).lookingAt() ? found.group() : "…");
    }
}

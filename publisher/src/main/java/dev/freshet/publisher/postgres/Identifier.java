package dev.freshet.publisher.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.TableId;
import java.nio.charset.StandardCharsets;

/** PostgreSQL identifiers in SQL text. */
final class Identifier {

    /** PostgreSQL cuts longer names off without an error, which could make two names one. */
    static final int LONGEST_BYTES = 63;

    private Identifier() {}

    static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    static String quote(TableId table) {
        return quote(table.schema()) + "." + quote(table.name());
    }

    static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }

    /**
     * @param what the kind of object, for the message
     * @throws TableHeldException USER when PostgreSQL can't have an object of this name
     */
    static void requireValid(String what, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_BYTES) {
            throw new TableHeldException(
                    ErrorKind.USER,
                    what + " '" + name + "' has " + bytes + " bytes and PostgreSQL's names at most " + LONGEST_BYTES
                            + ": give it a shorter name (for a model: config(alias=...))");
        }
        if (name.indexOf('\0') >= 0) {
            throw new TableHeldException(
                    ErrorKind.USER,
                    what + " '" + name.replace("\0", "\\0") + "' contains the character NUL: rename it");
        }
    }
}

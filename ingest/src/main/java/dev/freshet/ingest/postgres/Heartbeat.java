package dev.freshet.ingest.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A logical message of ours in the source's log: the stream passes it even when nothing else happens to the captured tables. */
final class Heartbeat {

    /** The log has grown: staging should learn the position. */
    static final String POSITION = "position";
    /** The stream should just move. */
    static final String WAKE = "wake";

    private Heartbeat() {}

    static void emit(Connection connection, SourceNames names, String content) throws SQLException {
        // Transactional, because only a commit flushes the log at once.
        try (PreparedStatement message =
                connection.prepareStatement("select pg_logical_emit_message(true, ?, convert_to(?, 'UTF8'))")) {
            message.setString(1, names.slot());
            message.setString(2, content);
            message.execute();
        }
    }
}

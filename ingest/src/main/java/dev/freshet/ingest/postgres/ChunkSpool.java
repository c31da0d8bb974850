package dev.freshet.ingest.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TransactionSnapshot;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** Reads pieces of tables into files, so that neither memory nor an open snapshot has to last until they are staged. */
final class ChunkSpool {

    private final Path scratch;
    private final long bytes;

    /** @param bytes a piece of a keyed table ends after the row that reaches this many */
    ChunkSpool(Path scratch, long bytes) {
        this.scratch = scratch;
        this.bytes = bytes;
    }

    /**
     * A piece of a table in one snapshot.
     *
     * @param lastKey of its last row, or of the piece before when it is empty; empty for a keyless table
     * @param more whether rows may follow
     */
    record Piece(SpooledRows rows, TransactionSnapshot snapshot, String lastKey, boolean more) {}

    Piece read(Connection connection, CapturedTable table, String lastKey, long rows) throws SQLException {
        TableCopy copy = new TableCopy(table);
        boolean keyed = table.schema().isKeyed();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        Path file = null;
        try {
            TransactionSnapshot snapshot = TableLoads.snapshot(connection);
            file = Files.createTempFile(scratch, "load", ".copy");
            Sink sink = new Sink(file, keyed ? bytes : Long.MAX_VALUE);
            try (sink) {
                TableCopy.copy(connection, keyed ? copy.piece(lastKey, rows) : copy.all(), sink);
            }
            String reached = sink.count > 0 && keyed ? copy.lastKey(sink.last) : lastKey;
            boolean more = keyed && (sink.full || sink.count == rows);
            return new Piece(new SpooledRows(file, table, sink.count), snapshot, reached, more);
        } catch (IOException e) {
            delete(file);
            throw new FreshetException(
                    ErrorKind.RETRYABLE,
                    "rows of table \"" + table.id().schema() + "." + table.id().name() + "\" can't be held in '"
                            + scratch + "': " + e.getMessage() + ". Free some space there; the load goes on by itself",
                    e);
        } catch (SQLException e) {
            delete(file);
            throw e;
        } finally {
            connection.rollback();
            connection.setReadOnly(false);
            connection.setAutoCommit(true);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException ignored) {
            // The scratch directory is emptied at the next start.
        }
    }

    private static final class Sink implements TableCopy.LineSink, AutoCloseable {

        private final OutputStream out;
        private final long limit;
        private long written;
        private long count;
        private byte[] last = new byte[0];
        private boolean full;

        Sink(Path file, long limit) throws IOException {
            this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
            this.limit = limit;
        }

        @Override
        public boolean line(byte[] line) throws IOException {
            out.write(line);
            written += line.length;
            count++;
            last = line;
            full = written >= limit;
            return !full;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}

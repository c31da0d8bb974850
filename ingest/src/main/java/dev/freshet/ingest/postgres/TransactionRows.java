package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.DebeziumLog;
import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import dev.freshet.ingest.postgres.debezium.Relation;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the one open transaction: the log tells its commit position only at its end, so they wait until then, in memory up to a limit
 * and beyond it in a file.
 */
final class TransactionRows {

    private static final int NULL = -1;
    private static final int NOT_SENT = -2;
    private static final int NO_ROW = -3;

    private final Path scratch;
    private final int rowsInMemory;
    private final long charsInMemory;
    private List<RowEvent> rows = new ArrayList<>();
    private long chars;
    private long size;
    private @Nullable Path file;
    private @Nullable DataOutputStream out;
    private final List<Relation> spilledRelations = new ArrayList<>();

    TransactionRows(Path scratch, int rowsInMemory, long charsInMemory) {
        this.scratch = scratch;
        this.rowsInMemory = rowsInMemory;
        this.charsInMemory = charsInMemory;
    }

    long size() {
        return size;
    }

    void add(RowEvent row) {
        rows.add(row);
        size++;
        chars += length(row.before()) + length(row.after());
        if (rows.size() >= rowsInMemory || chars >= charsInMemory) {
            spill();
        }
    }

    /** In the order in which they were added. */
    void forEach(Consumer<RowEvent> reader) {
        if (out != null) {
            try {
                out.flush();
                readSpilled(reader);
            } catch (IOException e) {
                throw full(e);
            }
        }
        rows.forEach(reader);
    }

    /** Forgets all rows. */
    void clear() {
        rows = rows.size() > 10_000 ? new ArrayList<>() : rows;
        rows.clear();
        chars = 0;
        size = 0;
        if (out == null || file == null) {
            return;
        }
        try {
            out.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw full(e);
        } finally {
            out = null;
            file = null;
            spilledRelations.clear();
        }
    }

    private void spill() {
        try {
            if (out == null) {
                file = Files.createTempFile(scratch, "transaction", ".rows");
                out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
            }
            for (RowEvent row : rows) {
                write(out, row);
            }
        } catch (IOException e) {
            throw full(e);
        }
        rows = new ArrayList<>();
        chars = 0;
    }

    private void write(DataOutputStream target, RowEvent row) throws IOException {
        int relation = -1;
        for (int i = 0; i < spilledRelations.size(); i++) {
            relation = spilledRelations.get(i) == row.relation() ? i : relation;
        }
        if (relation < 0) {
            relation = spilledRelations.size();
            spilledRelations.add(row.relation());
        }
        target.writeInt(relation);
        target.writeChar(row.operation());
        target.writeBoolean(row.moved());
        write(target, row.before());
        write(target, row.after());
    }

    private static void write(DataOutputStream target, @Nullable String @Nullable [] values) throws IOException {
        if (values == null) {
            target.writeInt(NO_ROW);
            return;
        }
        target.writeInt(values.length);
        for (String value : values) {
            if (value == null) {
                target.writeInt(NULL);
            } else if (DebeziumLog.isUnavailable(value)) {
                target.writeInt(NOT_SENT);
            } else {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                target.writeInt(bytes.length);
                target.write(bytes);
            }
        }
    }

    private void readSpilled(Consumer<RowEvent> reader) throws IOException {
        if (file == null) {
            return;
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            while (true) {
                int relation;
                try {
                    relation = in.readInt();
                } catch (EOFException ignored) {
                    return;
                }
                reader.accept(new RowEvent(
                        spilledRelations.get(relation), in.readChar(), in.readBoolean(), read(in), read(in)));
            }
        }
    }

    private static @Nullable String @Nullable [] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == NO_ROW) {
            return null;
        }
        String[] values = new String[length];
        for (int i = 0; i < length; i++) {
            int size = in.readInt();
            if (size == NOT_SENT) {
                values[i] = DebeziumLog.UNAVAILABLE;
            } else if (size != NULL) {
                values[i] = new String(in.readNBytes(size), StandardCharsets.UTF_8);
            }
        }
        return values;
    }

    private static long length(@Nullable String @Nullable [] values) {
        long length = 64;
        if (values != null) {
            for (String value : values) {
                length += value == null ? 8 : 40 + value.length();
            }
        }
        return length;
    }

    private FreshetException full(IOException e) {
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "a large source transaction can't be held in '" + scratch + "': " + e.getMessage()
                        + ". Free some space there; capture goes on by itself",
                e);
    }
}

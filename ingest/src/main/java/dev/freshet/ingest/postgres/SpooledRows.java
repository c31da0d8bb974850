package dev.freshet.ingest.postgres;

import dev.freshet.ingest.LoadStep.LoadedRow;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The rows of a chunk, read back from the file that COPY's lines went to. The file goes with its last row. */
final class SpooledRows implements Iterator<LoadedRow> {

    private final Path file;
    private final CapturedTable table;
    private final TableCopy copy;
    private final PoisonNote poison = new PoisonNote();
    private final byte[] chunk = new byte[1 << 16];
    private int chunkAt;
    private int chunkEnd;
    private byte[] line = new byte[1 << 12];
    private int lineLength;
    private long remaining;
    private @Nullable InputStream in;

    SpooledRows(Path file, CapturedTable table, long rows) {
        this.file = file;
        this.table = table;
        this.copy = new TableCopy(table);
        this.remaining = rows;
        if (rows == 0) {
            delete();
        }
    }

    @Override
    public boolean hasNext() {
        return remaining > 0;
    }

    @Override
    public LoadedRow next() {
        if (remaining == 0) {
            throw new NoSuchElementException();
        }
        try {
            if (in == null) {
                in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            }
            readLine(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LoadedRow row = new LoadedRow(table.row(copy.fields(line, lineLength), poison), poison.take());
        if (--remaining == 0) {
            delete();
        }
        return row;
    }

    void delete() {
        try {
            if (in != null) {
                in.close();
            }
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // The scratch directory is emptied at the next start.
        }
    }

    private void readLine(InputStream input) throws IOException {
        lineLength = 0;
        while (true) {
            if (chunkAt == chunkEnd) {
                chunkEnd = input.read(chunk);
                chunkAt = 0;
                if (chunkEnd < 0) {
                    throw new IOException("'" + file + "' ends early");
                }
            }
            int newline = chunkAt;
            while (newline < chunkEnd && chunk[newline] != '\n') {
                newline++;
            }
            int length = newline - chunkAt;
            if (lineLength + length > line.length) {
                line = Arrays.copyOf(line, Math.max(line.length * 2, lineLength + length));
            }
            System.arraycopy(chunk, chunkAt, line, lineLength, length);
            lineLength += length;
            chunkAt = newline;
            if (newline < chunkEnd) {
                chunkAt++;
                return;
            }
        }
    }
}

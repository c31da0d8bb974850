package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeBuffer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps changes in memory until they are many, or until all buffers together hold more than their share, then moves them to a file in scratch
 * space. Reading does not use the changes up: a batch that could not be staged is read again.
 */
final class SpillingBuffer implements ChangeBuffer {

    /** What all buffers of one area may hold in memory together. */
    static final class Budget {

        private final long bytes;
        private final int rows;
        private final AtomicLong used = new AtomicLong();

        /**
         * @param bytes of heap, over all buffers
         * @param rows of one buffer
         */
        Budget(long bytes, int rows) {
            this.bytes = bytes;
            this.rows = rows;
        }

        static Budget ofHeap() {
            return new Budget(Runtime.getRuntime().maxMemory() / 8, 50_000);
        }
    }

    private static final int BUFFER_BYTES = 256 * 1024;

    private final Path file;
    private final Budget budget;
    private List<CapturedChange> tail = new ArrayList<>();
    private long tailBytes;
    private long spilled;
    private @Nullable DataOutputStream out;

    SpillingBuffer(Path file, Budget budget) {
        this.file = file;
        this.budget = budget;
    }

    @Override
    public void add(CapturedChange change) {
        tail.add(change);
        long weight = ValueCodec.weight(change);
        tailBytes += weight;
        if (budget.used.addAndGet(weight) > budget.bytes || tail.size() >= budget.rows) {
            spill();
        }
    }

    private void spill() {
        try {
            DataOutputStream stream = out;
            if (stream == null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                stream = new DataOutputStream(new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        BUFFER_BYTES));
                out = stream;
            }
            for (CapturedChange change : tail) {
                ValueCodec.write(stream, change);
            }
            stream.flush();
        } catch (IOException e) {
            throw Failures.writeFailed(file.toString(), e);
        }
        spilled += tail.size();
        forgetTail();
    }

    private void forgetTail() {
        budget.used.addAndGet(-tailBytes);
        tailBytes = 0;
        tail = new ArrayList<>();
    }

    @Override
    public long size() {
        return spilled + tail.size();
    }

    @Override
    public void forEach(Consumer<CapturedChange> reader) {
        if (spilled > 0) {
            try (DataInputStream in =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
                for (long i = 0; i < spilled; i++) {
                    reader.accept(ValueCodec.read(in));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("can't read back '" + file + "'", e);
            }
        }
        tail.forEach(reader);
    }

    @Override
    public void close() {
        forgetTail();
        spilled = 0;
        try {
            DataOutputStream stream = out;
            if (stream != null) {
                out = null;
                stream.close();
            }
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // Scratch space is emptied at the next start.
        }
    }
}

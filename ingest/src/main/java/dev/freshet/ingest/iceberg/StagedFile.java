package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A live data file of a change table: either changes or base rows, never both.
 *
 * @param load the load of its base rows, -1 for changes
 * @param low the lowest position in it
 * @param high the highest position in it
 */
record StagedFile(DataFile data, long load, long low, long high) {

    private static final Comparator<StagedFile> ORDER = Comparator.comparingLong(StagedFile::low)
            .thenComparingLong(StagedFile::high)
            .thenComparing(StagedFile::location);

    static StagedFile of(Table table, DataFile file) {
        int position = table.schema().findField(StagedColumns.POSITION).fieldId();
        int load = table.schema().findField(StagedColumns.LOAD).fieldId();
        return new StagedFile(
                file,
                bound(file.lowerBounds(), load, -1),
                bound(file.lowerBounds(), position, Long.MIN_VALUE),
                bound(file.upperBounds(), position, Long.MAX_VALUE));
    }

    private static long bound(@Nullable Map<Integer, ByteBuffer> bounds, int field, long fallback) {
        ByteBuffer bytes = bounds == null ? null : bounds.get(field);
        if (bytes == null) {
            return fallback;
        }
        Long value = Conversions.fromByteBuffer(Types.LongType.get(), bytes);
        return value;
    }

    /** The live files of a snapshot, in the order of their positions. */
    static List<StagedFile> of(Table table, Snapshot snapshot, ExecutorService pool) {
        List<StagedFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .useSnapshot(snapshot.snapshotId())
                .includeColumnStats()
                .planWith(pool)
                .planFiles()) {
            for (FileScanTask task : tasks) {
                files.add(of(table, task.file()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't list the files of '" + table.name() + "'", e);
        }
        files.sort(ORDER);
        return files;
    }

    String location() {
        return data.location();
    }

    boolean isBase() {
        return load >= 0;
    }

    /** Whether it may hold changes after one position and not beyond another. */
    boolean overlaps(SourcePosition after, SourcePosition through) {
        return !isBase()
                && Long.compareUnsigned(high, after.ordinal()) > 0
                && Long.compareUnsigned(low, through.ordinal()) <= 0;
    }
}

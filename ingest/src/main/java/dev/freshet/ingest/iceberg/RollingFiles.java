package dev.freshet.ingest.iceberg;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Writes staged rows of one kind, changes or the base rows of one load, into files of bounded size that no snapshot names yet.
 */
final class RollingFiles {

    private static final long FILE_BYTES = 128L << 20;
    private static final long FILE_ROWS = 1_000_000;
    /** How often the size is looked at. */
    private static final int CHECK_ROWS = 1_000;

    private final ChangeTable table;
    private final Schema schema;
    private final String prefix;
    private final List<DataFile> files = new ArrayList<>();
    private @Nullable StagedFileWriter writer;
    private long rows;

    /** @param prefix how the files' names begin */
    RollingFiles(ChangeTable table, Schema schema, String prefix) {
        this.table = table;
        this.schema = schema;
        this.prefix = prefix;
    }

    void write(@Nullable Object[] row) {
        StagedFileWriter open = writer;
        if (open == null) {
            // Names never collide, whoever else writes: a zombie of an earlier epoch, or this process trying again.
            open = new StagedFileWriter(table.newFile(prefix + "-" + UUID.randomUUID() + ".parquet"), schema);
            writer = open;
        }
        open.write(row);
        rows++;
        if (open.rows() % CHECK_ROWS == 0 && (open.rows() >= FILE_ROWS || open.bytes() >= FILE_BYTES)) {
            roll();
        }
    }

    private void roll() {
        StagedFileWriter open = writer;
        if (open != null) {
            files.add(open.close());
            writer = null;
        }
    }

    long rows() {
        return rows;
    }

    /** Ends the last file. */
    List<DataFile> close() {
        roll();
        return files;
    }

    /** Deletes everything written so far. */
    void discard() {
        List<String> locations = new ArrayList<>();
        StagedFileWriter open = writer;
        if (open != null) {
            open.abandon();
            locations.add(open.location());
            writer = null;
        }
        files.forEach(file -> locations.add(file.location()));
        files.clear();
        table.discard(locations);
    }
}

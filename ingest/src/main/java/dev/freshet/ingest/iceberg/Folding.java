package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a table's base rows and the changes up to a position by new base rows, once the changes are many. Done in memory, so for tables of
 * bounded size only; a table that can't be folded exactly stays as it is.
 */
final class Folding {

    private static final long FEWEST_CHANGES = 5_000;

    private final Tables tables;
    private final ExecutorService pool;
    private final long mostRows;

    Folding(Tables tables, ExecutorService pool, long mostRows) {
        this.tables = tables;
        this.pool = pool;
        this.mostRows = mostRows;
    }

    void run(ChangeTable changes, SourcePosition through) {
        TableHead planned = changes.head();
        if (!planned.load().isVisibleAt(through) || !through.isAfter(planned.baseEnd())) {
            return;
        }
        Table table = tables.reopen(changes);
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return;
        }
        List<StagedFile> base = new ArrayList<>();
        List<StagedFile> folded = new ArrayList<>();
        long baseRows = 0;
        long changedRows = 0;
        for (StagedFile file : StagedFile.of(table, snapshot, pool)) {
            if (file.load() == planned.load().number()) {
                base.add(file);
                baseRows += file.data().recordCount();
            } else if (file.overlaps(planned.baseStart(), through)) {
                folded.add(file);
                changedRows += file.data().recordCount();
            }
        }
        boolean worthIt = changedRows >= Math.max(FEWEST_CHANGES, baseRows / 2);
        if (worthIt && baseRows + changedRows <= mostRows) {
            fold(changes, table, planned, through, base, folded);
        }
    }

    private static void fold(
            ChangeTable changes,
            Table table,
            TableHead planned,
            SourcePosition through,
            List<StagedFile> base,
            List<StagedFile> folded) {
        TableSchema schema = TableShape.parse(table.properties().get(TableShape.PROPERTY));
        FoldedRows rows = FoldedRows.of(schema, table.schema(), planned.baseSnapshot());
        for (StagedFile file : base) {
            if (!StagedFileReader.read(table, file, rows::base)) {
                return;
            }
        }
        List<@Nullable Object[]> ordered = new ArrayList<>();
        for (StagedFile file : folded) {
            if (!StagedFileReader.read(table, file, row -> take(row, planned.baseStart(), through, ordered))) {
                return;
            }
        }
        ordered.sort(FoldedRows.ORDER);
        ordered.forEach(rows::change);
        if (!rows.isExact()) {
            return;
        }
        RollingFiles files = new RollingFiles(
                changes, table.schema(), "base-" + planned.load().number());
        try {
            rows.write(planned.load().number(), through.ordinal(), files::write);
            List<DataFile> written = files.close();
            commit(changes, planned, through, base, folded, written);
            changes.committed(written);
        } catch (OutdatedPlanException e) {
            files.discard();
        } catch (RuntimeException e) {
            if (!changes.isUncertain()) {
                files.discard();
            }
            throw e;
        }
    }

    private static void take(
            @Nullable Object[] row, SourcePosition after, SourcePosition through, List<@Nullable Object[]> rows) {
        long position = FoldedRows.position(row);
        if (Long.compareUnsigned(position, after.ordinal()) > 0
                && Long.compareUnsigned(position, through.ordinal()) <= 0) {
            rows.add(row);
        }
    }

    private static void commit(
            ChangeTable changes,
            TableHead planned,
            SourcePosition through,
            List<StagedFile> base,
            List<StagedFile> folded,
            List<DataFile> written) {
        changes.rewrite(head -> Compaction.unchanged(head, planned, through).withFolded(through), (at, seal) -> {
            OverwriteFiles overwrite = at.newOverwrite();
            base.forEach(file -> overwrite.deleteFile(file.data()));
            folded.stream()
                    .filter(file -> Long.compareUnsigned(file.high(), through.ordinal()) <= 0)
                    .forEach(file -> overwrite.deleteFile(file.data()));
            written.forEach(overwrite::addFile);
            seal.on(overwrite);
            overwrite.commit();
        });
    }
}

package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableSchema;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/** Tells what staging holds of a table between two positions, as files that a reader on this machine can open. */
final class StagedTables {

    /** @param rows how many rows the listed files hold */
    record Read(Optional<StagedTable> table, long rows, Instant newestCommit) {}

    private final Tables tables;
    private final LocalCopies copies;
    private final ExecutorService pool;

    StagedTables(Tables tables, LocalCopies copies, ExecutorService pool) {
        this.tables = tables;
        this.copies = copies;
        this.pool = pool;
    }

    Optional<StagedTable> read(ChangeTable table, SourcePosition after, SourcePosition through) {
        return open(table, after, through).table();
    }

    /**
     * @param after where the reader stands
     * @param through a complete position
     */
    Read open(ChangeTable changes, SourcePosition after, SourcePosition through) {
        // One snapshot answers for files and head alike, whatever upkeep does meanwhile.
        Table table = tables.reopen(changes);
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new Read(Optional.empty(), 0, Instant.EPOCH);
        }
        TableHead head = ChangeTable.headOf(changes.name(), table, snapshot);
        TableSchema schema = TableShape.parse(table.properties().get(TableShape.PROPERTY));
        LoadState load = head.load();
        if (!load.isVisibleAt(through)) {
            StagedTable loading =
                    new StagedTable(changes.id(), schema, after, through, List.of(), Optional.empty(), true);
            return new Read(Optional.of(loading), 0, Instant.EPOCH);
        }
        boolean needsBase = !load.isVisibleAt(after) || head.folded().isAfter(after);
        SourcePosition from = needsBase ? head.baseStart() : after;
        List<Path> changed = new ArrayList<>();
        List<Path> base = new ArrayList<>();
        long rows = 0;
        for (StagedFile file : StagedFile.of(table, snapshot, pool)) {
            if (file.overlaps(from, through)) {
                changed.add(copies.path(table.io(), file.data()));
                rows += file.data().recordCount();
            } else if (needsBase && file.load() == load.number()) {
                base.add(copies.path(table.io(), file.data()));
                rows += file.data().recordCount();
            }
        }
        if (!needsBase && changed.isEmpty()) {
            return new Read(Optional.empty(), 0, Instant.EPOCH);
        }
        boolean evolved = table.schemas().size() > 1;
        if (!changed.isEmpty() && evolved) {
            changed.add(copies.shape(changes.name(), table.schema()));
        }
        if (needsBase && (base.isEmpty() || evolved)) {
            base.add(copies.shape(changes.name(), table.schema()));
        }
        Optional<StagedBase> staged = needsBase
                ? Optional.of(
                        new StagedBase(load.number(), head.baseStart(), head.baseEnd(), head.baseSnapshot(), base))
                : Optional.empty();
        return new Read(
                Optional.of(new StagedTable(changes.id(), schema, from, through, changed, staged, false)),
                rows,
                head.batch().newestCommit());
    }

    /** The changes that a batch has written, known without reading anything back. */
    StagedTable changes(ChangeTable table, PreparedTable part, SourcePosition after, SourcePosition through) {
        List<Path> files = part.changes().stream()
                .map(file -> copies.path(table.io(), file))
                .toList();
        return new StagedTable(table.id(), part.schema().orElseThrow(), after, through, files, Optional.empty(), false);
    }
}

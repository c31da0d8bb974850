package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Keeps staging small: drops what a newer load or fold replaced, folds changes into base rows, merges small files, forgets old snapshots and
 * deletes what nothing names any more. Each step is one fenced commit or a deletion of what no snapshot needs, so it may stop anywhere.
 *
 * <p>Only files whose rows all lie at or below the state store's position are touched, so no staged batch beyond it refers to them. A table
 * whose load the state store has not taken yet is left alone: a batch that waits may hold its base.
 */
final class Upkeep {

    private final Tables tables;
    private final Owner owner;
    private final Compaction compaction;
    private final Folding folding;
    private final Expiry expiry;

    Upkeep(
            Tables tables,
            LocalCopies copies,
            Owner owner,
            StagingSettings settings,
            Clock clock,
            ExecutorService pool) {
        this.tables = tables;
        this.owner = owner;
        this.compaction = new Compaction(tables, pool);
        this.folding = new Folding(tables, pool, settings.foldableRows());
        this.expiry = new Expiry(tables, copies, clock, settings.fileGrace(), pool);
    }

    /** @param through the state store's position of the source */
    void run(String source, SourcePosition through) {
        owner.check();
        @Nullable RuntimeException first = null;
        for (ChangeTable table : tables.changesOf(source)) {
            try {
                compaction.dropGarbage(table, through);
                folding.run(table, through);
                compaction.run(table, through);
                expiry.run(table);
            } catch (RuntimeException e) {
                first = remember(first, e, table);
            }
        }
        tables.positions(source).ifPresent(expiry::run);
        if (first != null) {
            throw first;
        }
    }

    private static RuntimeException remember(
            @Nullable RuntimeException first, RuntimeException now, ChangeTable table) {
        RuntimeException known = Failures.isWriteFailure(now) ? Failures.writeFailed(table.location(), now) : now;
        if (first == null) {
            return known;
        }
        first.addSuppressed(known);
        return first;
    }
}

package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * Turns runs of small neighbouring files into one, the same rows in the same order. A run is merged when it has {@value #RUN} files of about
 * the same size or less, so each row is rewritten a few times only, however long a table is fed in small batches.
 */
final class Compaction {

    /** How many neighbours make a merge worth while. */
    static final int RUN = 8;

    private static final long LARGE_ROWS = 500_000;
    private static final long LARGE_BYTES = 64L << 20;
    private static final int MERGES_AT_ONCE = 6;
    private static final int LEVELS = 7;

    private final Tables tables;
    private final ExecutorService pool;

    Compaction(Tables tables, ExecutorService pool) {
        this.tables = tables;
        this.pool = pool;
    }

    /** Whether files at or below a position may be replaced. Decided on the head that the commit is derived from. */
    static boolean mayRewrite(TableHead head, SourcePosition through) {
        return head.load().phase() != LoadState.Phase.READ || head.load().isVisibleAt(through);
    }

    /** Removes base rows of older loads, and changes that the base holds. */
    void dropGarbage(ChangeTable changes, SourcePosition through) {
        TableHead planned = changes.head();
        if (!planned.load().isVisibleAt(through)) {
            return;
        }
        Table table = tables.reopen(changes);
        List<DataFile> garbage = new ArrayList<>();
        for (StagedFile file : files(table)) {
            boolean replacedBase =
                    file.isBase() && file.load() != planned.load().number();
            boolean replacedChanges = !file.isBase()
                    && Long.compareUnsigned(file.high(), planned.baseStart().ordinal()) <= 0;
            if (replacedBase || replacedChanges) {
                garbage.add(file.data());
            }
        }
        if (!garbage.isEmpty()) {
            try {
                changes.rewrite(head -> unchanged(head, planned, through), (at, seal) -> {
                    OverwriteFiles overwrite = at.newOverwrite();
                    garbage.forEach(overwrite::deleteFile);
                    seal.on(overwrite);
                    overwrite.commit();
                });
            } catch (OutdatedPlanException ignored) {
                // The next run looks again.
            }
        }
    }

    void run(ChangeTable changes, SourcePosition through) {
        for (int merges = 0; merges < MERGES_AT_ONCE; merges++) {
            TableHead planned = changes.head();
            if (!mayRewrite(planned, through)) {
                return;
            }
            Table table = tables.reopen(changes);
            List<StagedFile> small = new ArrayList<>();
            List<StagedFile> base = new ArrayList<>();
            for (StagedFile file : files(table)) {
                if (!file.isBase() && Long.compareUnsigned(file.high(), through.ordinal()) <= 0) {
                    small.add(file);
                } else if (file.load() == planned.load().number()) {
                    base.add(file);
                }
            }
            List<StagedFile> run = run(small);
            if (run.isEmpty()) {
                run = run(base);
            }
            if (run.isEmpty() || !merge(changes, table, run, planned, through)) {
                return;
            }
        }
    }

    private List<StagedFile> files(Table table) {
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null ? List.of() : StagedFile.of(table, snapshot, pool);
    }

    /** The first run of at least {@link #RUN} neighbours, of the lowest level that has one. */
    static List<StagedFile> run(List<StagedFile> files) {
        for (int level = 0; level < LEVELS; level++) {
            List<StagedFile> run = new ArrayList<>();
            for (StagedFile file : files) {
                if (level(file) <= level) {
                    run.add(file);
                } else if (run.size() >= RUN) {
                    return run;
                } else {
                    run.clear();
                }
            }
            if (run.size() >= RUN) {
                return run;
            }
        }
        return List.of();
    }

    /** Each level holds files of up to eight times the rows of the one below. */
    private static int level(StagedFile file) {
        long rows = file.data().recordCount();
        if (rows >= LARGE_ROWS || file.data().fileSizeInBytes() >= LARGE_BYTES) {
            return Integer.MAX_VALUE;
        }
        return (63 - Long.numberOfLeadingZeros(rows + 1)) / 3;
    }

    private static boolean merge(
            ChangeTable changes, Table table, List<StagedFile> run, TableHead planned, SourcePosition through) {
        RollingFiles merged =
                new RollingFiles(changes, table.schema(), run.get(0).isBase() ? "base" : "merged");
        try {
            for (StagedFile file : run) {
                if (!StagedFileReader.read(table, file, merged::write)) {
                    merged.discard();
                    return false;
                }
            }
            List<DataFile> written = merged.close();
            changes.rewrite(head -> unchanged(head, planned, through), (at, seal) -> {
                RewriteFiles rewrite = at.newRewrite();
                run.forEach(file -> rewrite.deleteFile(file.data()));
                written.forEach(rewrite::addFile);
                seal.on(rewrite);
                rewrite.commit();
            });
            changes.committed(written);
            return true;
        } catch (OutdatedPlanException e) {
            merged.discard();
            return false;
        } catch (RuntimeException e) {
            if (!changes.isUncertain()) {
                merged.discard();
            }
            throw e;
        }
    }

    /** Lets a rewrite through only while what it was planned on still holds. */
    static TableHead unchanged(TableHead head, TableHead planned, SourcePosition through) {
        boolean same = head.load().number() == planned.load().number()
                && head.folded().equals(planned.folded())
                && mayRewrite(head, through);
        if (!same) {
            throw new OutdatedPlanException();
        }
        return head;
    }
}

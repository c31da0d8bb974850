package dev.freshet.state;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@link StagedBatch} holds of one table: Parquet files on this machine whose rows have the columns of {@code schema} and, beside them,
 * {@link StagedColumns}. Files may hold more than the batch does: only rows with a position after {@code after} and not beyond {@code through}
 * count, in the order of (position, sequence).
 *
 * @param base present when this batch completes a load of the table: its rows replace everything before, and {@code files} then holds all
 *     changes since the load's start, not just this batch's
 * @param loading a load of this table is under way: its changes are kept for later, and whatever depends on the table keeps its last
 *     published state
 */
public record StagedTable(
        TableId table,
        TableSchema schema,
        SourcePosition after,
        SourcePosition through,
        List<Path> files,
        Optional<StagedBase> base,
        boolean loading) {

    public StagedTable {
        files = List.copyOf(files);
        if (loading && base.isPresent()) {
            throw new IllegalArgumentException(table + " cannot be loading and loaded in one batch");
        }
    }

    /** What this and the part of the next batch come to. A later base or load makes what came before it void. */
    StagedTable followedBy(StagedTable next) {
        if (next.base().isPresent() || next.loading() || loading) {
            return next.base().isPresent() || next.loading() ? next : this;
        }
        Set<Path> all = new LinkedHashSet<>(files);
        all.addAll(next.files());
        return new StagedTable(table, next.schema(), after, next.through(), List.copyOf(all), base, false);
    }
}

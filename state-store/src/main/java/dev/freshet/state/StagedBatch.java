package dev.freshet.state;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A durable, ordered piece of one source's history: every row of every transaction in {@code (start, end]}, committed to staging. Consecutive
 * batches of a source meet: the next one's start is this one's end.
 *
 * @param newestCommit when the source committed the newest transaction in it; {@link Instant#EPOCH} when it holds none
 * @param rows how many changed rows were staged for it, base rows included
 */
public record StagedBatch(
        BatchId id,
        SourcePosition start,
        SourcePosition end,
        Instant newestCommit,
        long rows,
        List<StagedTable> tables) {

    public StagedBatch {
        tables = List.copyOf(tables);
        if (start.isAfter(end)) {
            throw new IllegalArgumentException(id + " ends before it starts");
        }
    }

    public String source() {
        return id.source();
    }

    /**
     * This batch and the one right after it as one.
     *
     * @throws IllegalArgumentException when they do not meet or are of two sources
     */
    public StagedBatch followedBy(StagedBatch next) {
        if (!next.source().equals(source()) || next.start().isAfter(end) || end.isAfter(next.end())) {
            throw new IllegalArgumentException(next.id() + " does not follow " + id);
        }
        Map<TableId, StagedTable> joined = new TreeMap<>();
        tables.forEach(table -> joined.put(table.table(), table));
        next.tables().forEach(table -> joined.merge(table.table(), table, StagedTable::followedBy));
        return new StagedBatch(
                next.id(),
                start,
                next.end(),
                newestCommit.isAfter(next.newestCommit()) ? newestCommit : next.newestCommit(),
                rows + next.rows(),
                List.copyOf(joined.values()));
    }
}

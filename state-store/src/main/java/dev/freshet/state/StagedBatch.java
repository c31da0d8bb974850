package dev.freshet.state;

import java.time.Instant;
import java.util.List;

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
}

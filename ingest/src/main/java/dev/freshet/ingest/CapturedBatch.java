package dev.freshet.ingest;

import dev.freshet.state.SourcePosition;
import java.time.Instant;
import java.util.List;

/**
 * Ordered raw changes of whole source transactions, up to a commit position, and beside them what loads have read.
 *
 * @param start where the previous batch of this source ended
 * @param end the commit position of the last transaction in it, or a later one that touched no captured table
 * @param newestCommit when the source committed the newest transaction in it, {@link Instant#EPOCH} if there is none
 */
public record CapturedBatch(
        String source,
        SourcePosition start,
        SourcePosition end,
        Instant newestCommit,
        List<TableChanges> tables,
        List<LoadStep> loads) {

    public CapturedBatch {
        tables = List.copyOf(tables);
        loads = List.copyOf(loads);
    }

    public boolean isEmpty() {
        return tables.isEmpty() && loads.isEmpty();
    }
}

package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.StagingArea;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one source has staged and the cycle has not taken yet. It remembers a bounded number of batches; beyond that it forgets them all and
 * reads from staging what came after the cut, as one batch. So a cycle that is stuck for a day costs no memory and never stops capture, and a
 * start is no special case: a backlog begins in the forgotten state.
 *
 * <p>{@link #add} is called by the source's capture thread, the rest by the cycle's.
 */
final class Backlog {

    private final String source;
    private final List<TableId> tables;
    private final StagingArea staging;
    private final int capacity;
    private final ArrayDeque<StagedBatch> batches = new ArrayDeque<>();
    private boolean forgotten = true;

    Backlog(String source, List<TableId> tables, StagingArea staging, int capacity) {
        this.source = source;
        this.tables = List.copyOf(tables);
        this.staging = staging;
        this.capacity = capacity;
    }

    synchronized void add(StagedBatch batch) {
        if (forgotten || batches.size() == capacity) {
            batches.clear();
            forgotten = true;
        } else {
            batches.add(batch);
        }
    }

    synchronized boolean isEmpty() {
        return !forgotten && batches.isEmpty();
    }

    synchronized int depth() {
        return batches.size();
    }

    /**
     * Takes everything staged after the cut's position, in order.
     *
     * @throws dev.freshet.state.FreshetException when staging can't be read; the backlog then is as before
     */
    List<StagedBatch> take(SourcePosition cut) {
        synchronized (this) {
            if (!forgotten) {
                List<StagedBatch> taken = new ArrayList<>(batches);
                batches.clear();
                return taken;
            }
            // From here on batches are remembered again. One that is staged while we read may be in what we read as
            // well: the cycle tells by its end.
            forgotten = false;
        }
        try {
            Optional<StagedBatch> missed = staging.pending(source, tables, cut);
            return missed.map(List::of).orElse(List.of());
        } catch (RuntimeException e) {
            forget();
            throw e;
        }
    }

    /** Drops what is remembered: the cycle did not commit what it took, so it must be read again. */
    synchronized void forget() {
        batches.clear();
        forgotten = true;
    }
}

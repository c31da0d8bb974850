package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.StagingArea;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * What one source has staged, or has written and is committing, and the cycle has not taken yet. It remembers a bounded number of batches; beyond that it
 * forgets them all and reads from staging what came after the cut, as one batch. So a cycle that is stuck for a day costs no memory and never stops capture,
 * and a start is no special case: a backlog begins in the forgotten state.
 *
 * <p>{@link #add} and {@link #offer} are called by the source's capture thread, the rest by the cycle's.
 */
final class Backlog {

    private final String source;
    private final List<TableId> tables;
    private final StagingArea staging;
    private final int capacity;
    private final ArrayDeque<Waiting> batches = new ArrayDeque<>();
    private boolean forgotten = true;
    /** How often the remembered ones were forgotten. */
    private long forgets;

    /**
     * What the cycle can work on.
     *
     * @param staged done once it is durable, fails when it will not be: nothing of it may be kept then
     */
    record Waiting(StagedBatch batch, Future<?> staged) {

        private static Waiting durable(StagedBatch batch) {
            return new Waiting(batch, CompletableFuture.completedFuture(null));
        }
    }

    /** A batch that can be read and is being committed: one of the two has to be told of it. */
    interface Offer {
        void staged();

        void failed(String reason);
    }

    Backlog(String source, List<TableId> tables, StagingArea staging, int capacity) {
        this.source = source;
        this.tables = List.copyOf(tables);
        this.staging = staging;
        this.capacity = capacity;
    }

    /** A batch that is durable. */
    void add(StagedBatch batch) {
        add(Waiting.durable(batch));
    }

    private synchronized void add(Waiting waiting) {
        if (batches.size() == capacity) {
            forget();
        } else if (!forgotten) {
            batches.add(waiting);
        }
    }

    /** A batch that is not durable yet. */
    synchronized Offer offer(StagedBatch batch) {
        CompletableFuture<Void> staged = new CompletableFuture<>();
        Waiting waiting = new Waiting(batch, staged);
        add(waiting);
        return new Offered(waiting, staged, forgotten ? -1 : forgets);
    }

    private final class Offered implements Offer {

        private final Waiting waiting;
        private final CompletableFuture<Void> staged;
        /** What {@link #forgets} was when it was remembered; -1 when it was not. */
        private final long remembered;

        private Offered(Waiting waiting, CompletableFuture<Void> staged, long remembered) {
            this.waiting = waiting;
            this.staged = staged;
            this.remembered = remembered;
        }

        @Override
        public void staged() {
            staged.complete(null);
            synchronized (Backlog.this) {
                if (remembered != forgets) {
                    // Who has read staging meanwhile has not seen it there.
                    add(waiting);
                }
            }
        }

        @Override
        public void failed(String reason) {
            staged.completeExceptionally(new IllegalStateException(reason));
            forget();
        }
    }

    synchronized boolean isEmpty() {
        return !forgotten && batches.isEmpty();
    }

    synchronized int depth() {
        return batches.size();
    }

    /**
     * Takes everything after the cut's position, in order.
     *
     * @throws dev.freshet.state.FreshetException when staging can't be read; the backlog then is as before
     */
    List<Waiting> take(SourcePosition cut) {
        synchronized (this) {
            if (!forgotten) {
                List<Waiting> taken = new ArrayList<>(batches);
                batches.clear();
                return taken;
            }
            // From here on batches are remembered again. One that is staged while we read may be in what we read as
            // well: the cycle tells by its end.
            forgotten = false;
        }
        try {
            Optional<StagedBatch> missed = staging.pending(source, tables, cut);
            return missed.map(Waiting::durable).map(List::of).orElse(List.of());
        } catch (RuntimeException e) {
            forget();
            throw e;
        }
    }

    /** Drops what is remembered: the cycle did not commit what it took, so it must be read again. */
    synchronized void forget() {
        batches.clear();
        forgotten = true;
        forgets++;
    }
}

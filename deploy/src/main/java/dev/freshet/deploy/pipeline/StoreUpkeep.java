package dev.freshet.deploy.pipeline;

import dev.freshet.state.FreshetException;
import dev.freshet.state.StateStore;
import java.io.File;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the state store from growing: forgets delta logs that every target has passed, and checkpoints. Used by the cycle's thread, between cycles. */
final class StoreUpkeep {

    private static final Logger LOG = LoggerFactory.getLogger(StoreUpkeep.class);
    /** Pruning is cheap when nothing can go, and not worth a transaction for a cut or two. */
    private static final int CUTS_PER_PRUNE = 20;

    private static final int CUTS_PER_CHECKPOINT = 200;
    /** Without an idle moment a checkpoint is made at this size of the store's log: until then the engine keeps its rows in memory. */
    private static final long LOG_PER_CHECKPOINT_BYTES = 128L << 20;
    /** A log that stays large, because a reader needs it, is not tried again with every cut. */
    private static final int CUTS_PER_LARGE_LOG = 20;

    private final StateStore store;
    private final File log;
    private final PipelineListener listener;
    private long prunedThrough;
    private long checkpointed;

    /** @param log the file that the store's commits are written to before a checkpoint */
    StoreUpkeep(StateStore store, File log, PipelineListener listener) {
        this.store = store;
        this.log = log;
        this.listener = listener;
    }

    /** @param prunable no target will ask for changes after a lower cut again */
    void afterCycle(long prunable) {
        prune(prunable);
        if (log.length() >= LOG_PER_CHECKPOINT_BYTES && hasMovedBy(CUTS_PER_LARGE_LOG)) {
            try {
                checkpoint();
            } catch (FreshetException e) {
                // The engine makes one by itself before the log gets out of hand.
                LOG.warn("the state store's log is moved into its file later: {}", e.getMessage());
                checkpointed = store.cut().number();
            }
        }
    }

    /** @param prunable as above */
    void whenIdle(long prunable) {
        prune(prunable);
        if (hasMovedBy(CUTS_PER_CHECKPOINT)) {
            checkpoint();
        }
    }

    private boolean hasMovedBy(int cuts) {
        return store.cut().number() >= checkpointed + cuts;
    }

    private void checkpoint() {
        long began = System.nanoTime();
        store.checkpoint();
        listener.checkpointed(Duration.ofNanos(System.nanoTime() - began));
        checkpointed = store.cut().number();
    }

    private void prune(long prunable) {
        long through = Math.min(prunable, store.cut().number());
        if (through >= prunedThrough + CUTS_PER_PRUNE) {
            store.prune(through);
            prunedThrough = through;
        }
    }
}

package dev.freshet.publisher;

import dev.freshet.state.StateSnapshot;
import java.util.List;

/**
 * A place where models are delivered. Used by one thread; connects when it must and reconnects after a failure.
 *
 * <p>The truth about what was delivered is the target's own ledger, never a memory of ours.
 */
public interface Target extends AutoCloseable {

    /**
     * Brings these models to the snapshot's cut: reads the ledger, computes each model's net change since its entry there, applies all of
     * it with the ledger's new entries in the strongest transaction the target has. A model whose change can't be told from the log (first
     * delivery, another state epoch, a lagging or restored target, changed columns) is brought there by comparison or swap; its readers never
     * see it empty. A table that can't be brought there for a reason of its own (someone's view depends on it, a right is missing) is left as it
     * was and reported as {@link Receipt.Method#HELD}; the others go on. A row with a value that the target can't hold is left out and counted.
     * A model that has no stored output yet is passed over. Nothing to do is a valid outcome and writes nothing but, if the cut moved, the ledger.
     *
     * @throws dev.freshet.state.FreshetException TARGET or RETRYABLE when nothing was changed; OUTCOME_UNKNOWN when the commit's answer was lost: call again, the
     *     ledger decides; a {@link FencedException} when another
     *     instance with a higher epoch has delivered here
     */
    Receipt publish(StateSnapshot snapshot, List<PublishedModel> models);

    /**
     * Does the same, compares these rows of its tables with the model's and corrects them, for tables that stand at the snapshot's cut already; another is compared
     * whole. A repair of a table that is held back is not done. Where nobody changes what was delivered, as in a log, there is nothing to repair, and this is {@link #publish(StateSnapshot, List)}.
     */
    default Receipt publish(StateSnapshot snapshot, List<PublishedModel> models, List<Repair> repairs) {
        return publish(snapshot, models);
    }

    /**
     * Removes the tables and ledger entries of models, the last one first. Never touches a table without an entry, nor one that someone put in
     * the place of ours.
     */
    void retract(List<PublishedModel> models);

    /** Breaks off whatever is under way. May be called by any thread. */
    @Override
    void close();
}

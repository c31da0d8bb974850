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
     * see it empty. Nothing to do is a valid outcome and writes nothing but, if the cut moved, the ledger.
     *
     * @throws dev.freshet.state.FreshetException TARGET when nothing was changed; OUTCOME_UNKNOWN when the commit's answer was lost: call again, the
     *     ledger decides; USER when another instance with a higher epoch has delivered here
     */
    Receipt publish(StateSnapshot snapshot, List<PublishedModel> models);

    /** Removes the tables and ledger entries of models that are no longer part of the pipeline. Never touches a table without an entry. */
    void retract(List<PublishedModel> models);

    @Override
    void close();
}

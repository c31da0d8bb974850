package dev.freshet.transform.plan;

import dev.freshet.state.RowPart;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the maintained models of one project version: in each cycle, exactly the models whose inputs changed, parents before children. Owns no
 * state but the project; everything it must remember lives in the state store's transaction. Used by the cycle's thread.
 */
public interface Maintainer {

    /**
     * @param changed the source deltas of this cycle
     * @param heldBack models that must not be touched in this cycle, with the reason; their descendants are held back with them
     * @return the deltas of the maintained models that changed, in graph order
     * @throws dev.freshet.state.ModelFailedException when a model's SQL fails: roll back and call again in a new transaction with it held back
     */
    List<TableDelta> maintain(StateTransaction transaction, List<TableDelta> changed, Map<TableId, String> heldBack);

    /** The models that the last call of {@link #maintain} left out, each with the reason, whether they have rows already or not. */
    default Map<TableId, String> held() {
        return Map.of();
    }

    /**
     * The models that {@link #maintain} would leave out now: those that are held back, those that wait for a first load, and what reads either.
     *
     * @param transaction after it has reconciled what the cycle carries
     */
    default Set<TableId> leftOut(StateTransaction transaction, Map<TableId, String> heldBack) {
        return heldBack.keySet();
    }

    /** How each maintained model is kept and what that took, parents before children. Any thread may ask. */
    default List<PlannedModel> plans() {
        return List.of();
    }

    /** Whether something waits for nothing but its time, which has come: run a cycle even without any change. Any thread may ask. */
    default boolean isDue() {
        return false;
    }

    /**
     * The models that {@link #maintain} would compute in full, where that is worth doing beside the cycles instead: others are up to date and would wait for it.
     * They are held back by the caller until they were taken over.
     *
     * @param transaction that nothing was done in yet
     * @param fromRows read or stored rows from which on it is worth it
     */
    default Optional<Restatement> restatement(
            StateTransaction transaction, Map<TableId, String> heldBack, long fromRows) {
        return Optional.empty();
    }

    /**
     * Replaces the rows of these models by what a shadow has computed of their texts. They are true for its cut then, and go on being held back.
     *
     * @return the deltas of the models that changed
     */
    default List<TableDelta> takeOver(StateTransaction transaction, Restatement restatement, Shadow shadow) {
        throw new UnsupportedOperationException("nothing was to be restated");
    }

    /**
     * Brings models that were taken over from their shadow's cut to that of the others, by what changed meanwhile.
     *
     * @param changed what {@link StateTransaction#changesSince} gave in this transaction
     */
    default List<TableDelta> rejoin(StateTransaction transaction, Restatement restatement, List<TableDelta> changed) {
        throw new UnsupportedOperationException("nothing was to be restated");
    }

    /**
     * Computes some rows of a model that is up to date by its text, those of a history-keeping one by the query that begins its history, and carries what differed
     * through whatever reads it.
     *
     * @return the deltas of the models that changed
     */
    default List<TableDelta> recompute(
            StateTransaction transaction, TableId model, RowPart part, Map<TableId, String> heldBack) {
        throw new UnsupportedOperationException("models are computed as a whole");
    }

    /** Has a model computed in full by the next {@link #maintain}, or beside the cycles. */
    default void distrust(StateTransaction transaction, TableId model) {
        throw new UnsupportedOperationException("models are computed when they change");
    }

    /** The maintained models, parents before children. */
    List<TableId> models();
}

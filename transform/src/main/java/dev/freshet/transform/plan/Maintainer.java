package dev.freshet.transform.plan;

import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Map;

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

    /** How each maintained model is kept and what that took, parents before children. Any thread may ask. */
    default List<PlannedModel> plans() {
        return List.of();
    }

    /** Whether something waits for nothing but its time, which has come: run a cycle even without any change. Any thread may ask. */
    default boolean isDue() {
        return false;
    }

    /** The maintained models, parents before children. */
    List<TableId> models();
}

package dev.freshet.deploy.pipeline;

import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The models whose histories are dropped, once, in the first cycle that computes them, so that they begin from nothing. Their targets keep what they show
 * until then. What is held back in that cycle waits; the state store remembers it, so that no restart continues the old history.
 */
final class FullRefresh {

    private static final String KEY = "full refresh";

    /** By the model's id. */
    private Map<String, TableId> pending;

    /** What the transaction under way will leave for later cycles. */
    private Map<String, TableId> left = Map.of();

    FullRefresh(Project project, History history, StateStore store) {
        Set<String> remembered;
        try (StateSnapshot snapshot = store.read()) {
            remembered = snapshot.recall(KEY).lines().collect(Collectors.toSet());
        }
        this.pending = project.models().stream()
                .filter(model -> model.history().isPresent() && !model.isProtected())
                .filter(model -> history == History.ANEW || remembered.contains(model.uniqueId()))
                .collect(Collectors.toUnmodifiableMap(Model::uniqueId, Model::relation));
    }

    /** Those that are not to be read back from their targets. */
    Set<TableId> models() {
        return Set.copyOf(pending.values());
    }

    /**
     * For the cycle's thread, in the transaction that computes them.
     *
     * @param leftOut what is not computed there, and keeps its rows until it is
     */
    void begin(StateTransaction transaction, Set<TableId> leftOut) {
        pending.values().stream().filter(model -> !leftOut.contains(model)).forEach(transaction::drop);
    }

    /** @param held what was not computed in this transaction */
    void computed(StateTransaction transaction, Set<TableId> held) {
        left = new TreeMap<>(pending);
        left.values().retainAll(held);
        String text = String.join("\n", left.keySet());
        if (!text.equals(transaction.recall(KEY))) {
            transaction.remember(KEY, text);
        }
    }

    /** That transaction was committed. */
    void committed() {
        pending = left;
    }
}

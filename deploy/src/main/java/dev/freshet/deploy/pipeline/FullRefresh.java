package dev.freshet.deploy.pipeline;

import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Project;
import java.util.Set;
import java.util.stream.Collectors;

/** The models whose histories the first cycle drops, once, so that it computes them from nothing. Their targets keep what they show until then. */
final class FullRefresh {

    private Set<TableId> pending;

    FullRefresh(Project project, History history) {
        this.pending = history == History.CONTINUED
                ? Set.of()
                : project.models().stream()
                        .filter(model -> model.history().isPresent() && !model.isProtected())
                        .map(Model::relation)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Those that are not to be read back from their targets. */
    Set<TableId> models() {
        return pending;
    }

    /** For the cycle's thread, in the transaction that computes them. */
    void begin(StateTransaction transaction) {
        pending.forEach(transaction::drop);
    }

    /** That transaction was committed. */
    void committed() {
        pending = Set.of();
    }
}

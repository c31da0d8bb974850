package dev.freshet.transform.plan;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SnapshotHistory;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Chooses the plan of each model. */
public final class Planner {

    private Planner() {}

    /** The plans of all models that have rows of their own, parents before children. */
    public static List<ModelPlan> plan(Project project) {
        ModelInputs inputs = new ModelInputs(project);
        return project.models().stream()
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .map(model -> plan(model, inputs.of(model)))
                .toList();
    }

    private static String reason(SnapshotHistory snapshot) {
        return snapshot.strategy() == SnapshotHistory.Strategy.CAPTURED
                ? "it keeps history: every captured change is a version"
                : "it keeps history: what its rows were is noted on the snapshot interval, after an input changed";
    }

    private static ModelPlan plan(Model model, Collection<TableId> inputs) {
        return switch (model.route()) {
            case PUSHDOWN ->
                new ModelPlan.Pushdown(
                        model,
                        "everything it reads lives on '" + model.relation().connection() + "', so its SQL runs there");
            case MAINTAINED ->
                model.keepsHistory()
                        ? new ModelPlan.Accumulate(
                                model,
                                model.snapshot()
                                        .map(Planner::reason)
                                        .orElse(
                                                "it keeps history: what its own SQL gives is added when an input changes"))
                        : new ModelPlan.Recompute(
                                model,
                                model.materialization() == Model.Materialization.SEED
                                        ? "computed again when its file changes"
                                        : inputs.isEmpty()
                                                ? "reads no table: computed once, and again when its text changes"
                                                : "computed again when one of these changes: "
                                                        + inputs.stream()
                                                                .map(TableId::toString)
                                                                .collect(Collectors.joining(", ")));
        };
    }
}

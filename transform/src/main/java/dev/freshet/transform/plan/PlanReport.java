package dev.freshet.transform.plan;

import dev.freshet.transform.project.Project;
import java.util.List;

/** What {@code freshet plan} prints: one line a model, parents before children. */
public record PlanReport(List<ModelPlan> plans) {

    public PlanReport {
        plans = List.copyOf(plans);
    }

    public static PlanReport of(Project project) {
        return new PlanReport(Planner.plan(project));
    }

    /** Aligned columns: model, where it is delivered, plan, reason. */
    public String text() {
        int names = width(plans.stream().map(plan -> plan.model().name()).toList());
        int relations = width(
                plans.stream().map(plan -> plan.model().relation().toString()).toList());
        int titles = width(plans.stream().map(ModelPlan::title).toList());
        StringBuilder text = new StringBuilder();
        for (ModelPlan plan : plans) {
            text.append(pad(plan.model().name(), names))
                    .append(pad(plan.model().relation().toString(), relations))
                    .append(pad(plan.title(), titles))
                    .append(plan.reason())
                    .append('\n');
        }
        return text.toString();
    }

    private static int width(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0) + 2;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}

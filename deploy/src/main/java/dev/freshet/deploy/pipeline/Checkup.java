package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Project;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Looks at everything a pipeline needs before it starts, changing nothing. */
public final class Checkup {

    private Checkup() {}

    /** @param problems each with its remedy; empty when all is well */
    public record Finding(String subject, List<String> problems) {}

    public static List<Finding> of(Project project, ServiceSettings settings, Pipeline.Parts parts) {
        PipelinePlan plan = PipelinePlan.of(project);
        List<Finding> findings = new ArrayList<>();
        plan.sources()
                .forEach((name, tables) -> findings.add(new Finding(
                        "source "
                                + project.connections()
                                        .getOrDefault(name, new Connection(name, "?", java.util.Map.of()))
                                + ", " + tables.size() + " tables",
                        guarded(() -> {
                            ChangeSourceFactory factory = parts.source(PipelinePlan.connection(project, name));
                            return factory.check(
                                    plan.setup(project, name, Optional.empty(), false, settings.scratch(), table -> {
                                        throw new IllegalStateException("a check buffers nothing");
                                    }));
                        }))));
        plan.targets()
                .forEach((name, models) -> findings.add(new Finding(
                        "target "
                                + project.connections()
                                        .getOrDefault(name, new Connection(name, "?", java.util.Map.of()))
                                + ", " + models.size() + " models",
                        guarded(() -> parts.target(PipelinePlan.connection(project, name))
                                .check(PipelinePlan.connection(project, name), schemas(models))))));
        return findings;
    }

    private static Set<String> schemas(List<PublishedModel> models) {
        Set<String> schemas = new LinkedHashSet<>();
        models.forEach(model -> schemas.add(model.table().schema()));
        return schemas;
    }

    private static List<String> guarded(Supplier<List<String>> check) {
        try {
            return check.get();
        } catch (FreshetException e) {
            return List.of(e.getMessage());
        }
    }
}

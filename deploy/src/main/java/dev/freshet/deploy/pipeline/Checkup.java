package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.SourceProblem;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Looks at everything a pipeline needs before it starts, changing nothing. */
public final class Checkup {

    private Checkup() {}

    /**
     * @param problems each with its remedy, or without it where that is one of the statements; empty when all is well
     * @param output the statements are for its database
     * @param statements what mends the problems, to paste as a superuser or as the owner of what they change, each once, in this order
     */
    public record Finding(String subject, List<String> problems, String output, List<String> statements) {}

    public static List<Finding> of(Project project, ServiceSettings settings, Pipeline.Parts parts) {
        PipelinePlan plan = PipelinePlan.of(project);
        List<Finding> findings = new ArrayList<>();
        plan.sources()
                .forEach((name, tables) -> findings.add(source(
                        name(project, name) + ", " + tables.size() + (tables.size() == 1 ? " table" : " tables"),
                        name,
                        guarded(
                                () -> {
                                    ChangeSourceFactory factory = parts.source(PipelinePlan.connection(project, name));
                                    return factory.check(plan.setup(
                                            project,
                                            name,
                                            Optional.empty(),
                                            Takeover.REFUSED,
                                            settings.scratch(),
                                            table -> {
                                                throw new IllegalStateException("a check buffers nothing");
                                            }));
                                },
                                SourceProblem::of))));
        plan.targets()
                .forEach((name, models) -> findings.add(new Finding(
                        "target " + name(project, name) + ", " + models.size()
                                + (models.size() == 1 ? " model" : " models"),
                        guarded(
                                () -> parts.target(PipelinePlan.connection(project, name))
                                        .check(PipelinePlan.connection(project, name), schemas(models)),
                                message -> message),
                        name,
                        List.of())));
        return findings;
    }

    private static Connection name(Project project, String name) {
        return project.connections().getOrDefault(name, new Connection(name, "?", java.util.Map.of()));
    }

    private static Finding source(String subject, String name, List<SourceProblem> problems) {
        return new Finding(
                "source " + subject,
                problems.stream().map(SourceProblem::message).toList(),
                name,
                problems.stream()
                        .flatMap(problem -> problem.statements().stream())
                        .distinct()
                        .toList());
    }

    private static Set<String> schemas(List<PublishedModel> models) {
        Set<String> schemas = new LinkedHashSet<>();
        models.forEach(model -> schemas.add(model.table().schema()));
        return schemas;
    }

    private static <T> List<T> guarded(Supplier<List<T>> check, Function<String, T> problem) {
        try {
            return check.get();
        } catch (FreshetException e) {
            return List.of(problem.apply(e.getMessage()));
        }
    }
}

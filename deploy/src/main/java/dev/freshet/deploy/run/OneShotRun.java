package dev.freshet.deploy.run;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelinePlan;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.Takeover;
import dev.freshet.transform.engine.PostgresPushdown;
import dev.freshet.transform.engine.PushdownEngine;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Project;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs selected models once, parents before children, each in its own transaction. Pushdown models run on their target as dbt runs them; federated
 * ones over an extract of the tables they read. Nothing is left behind in the sources.
 */
public final class OneShotRun {

    private final Project project;
    private final ServiceSettings settings;
    private final Pipeline.Parts parts;
    private final Clock clock;

    public OneShotRun(Project project, ServiceSettings settings, Pipeline.Parts parts, Clock clock) {
        this.project = project;
        this.settings = settings;
        this.parts = parts;
        this.clock = clock;
    }

    /**
     * @param selected models to build; the models they read that are not selected are computed where that needs no target, and not delivered
     * @throws FreshetException when nothing could be run at all: a running service owns the targets, a source is away
     */
    public List<NodeResult> run(List<Model> selected, RunListener listener) {
        List<Model> nodes = selected.stream()
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .toList();
        List<Model> federated = nodes.stream()
                .filter(model -> model.route() == Model.Route.MAINTAINED
                        && model.materialization().isRunnable())
                .toList();
        if (federated.isEmpty()) {
            try (Engines engines = new Engines(project)) {
                return run(nodes, listener, engines::run);
            }
        }
        try (StagingArea area = parts.staging(settings)) {
            Ownership owner = area.acquire(project.pipeline(), Takeover.REFUSED, settings.lease());
            try (Engines engines = new Engines(project);
                    FederatedRun extract =
                            FederatedRun.open(project, settings, parts, owner, clock, federated, listener)) {
                return run(
                        nodes,
                        listener,
                        model -> model.route() == Model.Route.MAINTAINED ? extract.run(model) : engines.run(model));
            } finally {
                area.release();
            }
        }
    }

    private interface Runner {
        String run(Model model);
    }

    private List<NodeResult> run(List<Model> nodes, RunListener listener, Runner runner) {
        List<NodeResult> results = new ArrayList<>();
        Set<String> broken = new HashSet<>();
        int number = 0;
        for (Model model : nodes) {
            number++;
            NodeResult result;
            if (model.dependsOn().stream().anyMatch(broken::contains)) {
                result = new NodeResult(model.uniqueId(), NodeResult.Status.SKIPPED, "SKIP", Duration.ZERO);
            } else {
                listener.started(number, nodes.size(), model);
                result = attempt(model, runner);
            }
            if (result.status() != NodeResult.Status.SUCCESS) {
                broken.add(model.uniqueId());
            }
            listener.ended(number, nodes.size(), model, result);
            results.add(result);
        }
        return results;
    }

    private static NodeResult attempt(Model model, Runner runner) {
        long began = System.nanoTime();
        try {
            refuseUnsupported(model);
            String message = runner.run(model);
            return new NodeResult(
                    model.uniqueId(), NodeResult.Status.SUCCESS, message, Duration.ofNanos(System.nanoTime() - began));
        } catch (FreshetException e) {
            return new NodeResult(
                    model.uniqueId(),
                    NodeResult.Status.ERROR,
                    String.valueOf(e.getMessage()),
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private static void refuseUnsupported(Model model) {
        if (!model.materialization().isRunnable()) {
            throw PipelinePlan.notRunnable(model);
        }
    }

    /** One session per output that pushdown models run on. */
    private static final class Engines implements AutoCloseable {

        private final Project project;
        private final Map<String, PushdownEngine> engines = new HashMap<>();

        Engines(Project project) {
            this.project = project;
        }

        String run(Model model) {
            Connection connection =
                    PipelinePlan.connection(project, model.relation().connection());
            return engines.computeIfAbsent(connection.name(), name -> PostgresPushdown.connect(connection))
                    .run(model);
        }

        @Override
        public void close() {
            engines.values().forEach(PushdownEngine::close);
        }
    }
}

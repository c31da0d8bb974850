package dev.freshet.deploy.run;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelinePlan;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.Takeover;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunListener;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs selected nodes once. What lives on one database runs there as dbt runs it; models that read several, over an extract of the tables they read.
 * Nothing is left behind in the sources.
 */
public final class OneShotRun {

    private final ParsedProject parsed;
    private final ServiceSettings settings;
    private final Pipeline.Parts parts;
    private final Clock clock;

    public OneShotRun(ParsedProject parsed, ServiceSettings settings, Pipeline.Parts parts, Clock clock) {
        this.parsed = parsed;
        this.settings = settings;
        this.parts = parts;
        this.clock = clock;
    }

    /** What a command runs of a selection: no inlined models, no analyses. */
    public List<Node> runnable(Collection<String> selected, Set<ResourceType> types) {
        return new ProjectRun(parsed, new RunSettings(1, false, false), node -> "", clock).runnable(selected, types);
    }

    /**
     * @param nodes what {@link #runnable} gave; the models they read that are not selected are computed where that needs no target, and not delivered
     * @param arguments what the command was given, for run_results.json
     * @throws FreshetException when nothing could be run at all: a running service owns the targets, a source is away
     */
    public ProjectRun.Report run(
            List<Node> nodes,
            RunSettings how,
            Map<String, Object> arguments,
            RunListener listener,
            ProjectRun.HookListener hooks,
            Consumer<String> progress) {
        Set<String> federated = new LinkedHashSet<>();
        nodes.stream()
                .filter(node -> parsed.route(node) == Model.Route.MAINTAINED)
                .forEach(node -> federated.add(node.uniqueId()));
        if (federated.isEmpty()) {
            return new ProjectRun(parsed, how, node -> "", clock).run(nodes, arguments, listener, hooks);
        }
        Project project = compiledWithAncestors(federated);
        Map<String, Model> models = new HashMap<>();
        project.models().forEach(model -> models.put(model.uniqueId(), model));
        List<Model> extracted = federated.stream()
                .map(models::get)
                .filter(model -> model.materialization().isRunnable())
                .toList();
        try (StagingArea area = parts.staging(settings)) {
            Ownership owner = area.acquire(project.pipeline(), Takeover.REFUSED, settings.lease());
            try (FederatedRun extract =
                    FederatedRun.open(project, settings, parts, owner, clock, extracted, progress)) {
                ProjectRun.FederatedModels runner = node -> {
                    Model model = models.get(node.uniqueId());
                    if (!model.materialization().isRunnable()) {
                        throw PipelinePlan.notRunnable(model);
                    }
                    // One state store computes them all.
                    synchronized (extract) {
                        return extract.run(model);
                    }
                };
                return new ProjectRun(parsed, how, runner, clock).run(nodes, arguments, listener, hooks);
            } finally {
                area.release();
            }
        }
    }

    /**
     * Makes nodes of what the run built that the project defers to.
     *
     * @param nodes what {@link #runnable} gave
     * @param arguments what the command was given, for run_results.json
     */
    public ProjectRun.Report clone(
            List<Node> nodes, RunSettings how, Map<String, Object> arguments, RunListener listener) {
        return new ProjectRun(parsed, how, node -> "", clock).clone(nodes, arguments, listener);
    }

    private Project compiledWithAncestors(Set<String> federated) {
        Map<String, Node> byId = new HashMap<>();
        parsed.nodes().forEach(node -> byId.put(node.uniqueId(), node));
        Set<String> wanted = new LinkedHashSet<>();
        federated.forEach(id -> addWithParents(id, byId, wanted));
        try (Databases databases = Databases.connecting()) {
            return parsed.compile(wanted, databases);
        }
    }

    private static void addWithParents(String id, Map<String, Node> byId, Set<String> wanted) {
        Node node = byId.get(id);
        if (node != null && node.type() == ResourceType.MODEL && wanted.add(id)) {
            node.dependsOn().forEach(parent -> addWithParents(parent, byId, wanted));
        }
    }
}

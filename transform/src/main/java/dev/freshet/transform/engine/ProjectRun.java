package dev.freshet.transform.engine;

import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.render.LiveRendering;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Runs selected nodes of a project once, as dbt does: makes the schemas, runs {@code on-run-start}, the nodes each in a transaction of its own, and
 * {@code on-run-end}; writes run_results.json, the manifest and the compiled texts.
 */
public final class ProjectRun {

    /** Runs models that do not run on their own target: those that read several databases. */
    @FunctionalInterface
    public interface FederatedModels {

        /**
         * @return what became of the model, for a person
         * @throws dev.freshet.state.FreshetException when it fails
         */
        String run(Node node);
    }

    /** Told of hooks. */
    public interface HookListener {

        void started(int number, int total, NodeExecution.Hook hook);

        void ended(int number, int total, NodeExecution.Hook hook, String said, Duration took);
    }

    /**
     * How the run went.
     *
     * @param results in the order they ended
     * @param hookFailure what stopped the run before or after its nodes
     */
    public record Report(List<NodeResult> results, Duration took, Optional<String> hookFailure) {

        /** Whether everything went well, warnings aside. */
        public boolean isGood() {
            return hookFailure.isEmpty()
                    && results.stream().noneMatch(result -> result.status().isBad());
        }
    }

    private final ParsedProject project;
    private final NodeExecution execution;
    private final RunSettings settings;
    private final FederatedModels federated;
    private final Clock clock;

    public ProjectRun(ParsedProject project, RunSettings settings, FederatedModels federated, Clock clock) {
        this.project = project;
        this.execution = project.execution();
        this.settings = settings;
        this.federated = federated;
        this.clock = clock;
    }

    /** What runs of a selection: no inlined models, no analyses. */
    public List<Node> runnable(Collection<String> selected, Set<ResourceType> types) {
        Set<String> wanted = new HashSet<>(selected);
        return all().stream()
                .filter(node -> wanted.contains(node.uniqueId())
                        && types.contains(node.type())
                        && !node.materialized().equals("ephemeral"))
                .toList();
    }

    /** Parents before children, each model's unit tests before it, exposures last. Of a model that reads several databases, they have none to run on. */
    private List<Node> all() {
        Map<String, List<Node>> unitTests = new HashMap<>();
        for (Node test : project.unitTests()) {
            test.dependsOn().forEach(model -> unitTests
                    .computeIfAbsent(model, id -> new ArrayList<>())
                    .add(test));
        }
        List<Node> all = new ArrayList<>();
        for (Node node : project.nodes()) {
            if (project.route(node) != Model.Route.MAINTAINED) {
                all.addAll(unitTests.getOrDefault(node.uniqueId(), List.of()));
            }
            all.add(node);
        }
        all.addAll(project.exposures());
        return all;
    }

    /**
     * @param nodes what {@link #runnable} gave
     * @param arguments what the command was given, for run_results.json
     * @throws dev.freshet.state.FreshetException when nothing can run: a database is away, a schema can't be made
     */
    public Report run(
            List<Node> nodes, Map<String, Object> arguments, RunListener listener, HookListener hookListener) {
        Instant began = clock.instant();
        project.select(nodes.stream().map(Node::uniqueId).toList());
        Optional<String> failure;
        List<NodeResult> results = new ArrayList<>();
        try (Databases live = Databases.live()) {
            execution.commentAsMain(live);
            Set<NodeExecution.Schema> schemas = schemas(nodes);
            schemas.forEach(schema -> execution.create(schema, live));
            failure = hooks("on-run-start", Map.of(), live, hookListener);
            if (failure.isEmpty()) {
                results.addAll(new Execution(work(nodes), listener, clock)
                        .run(node -> commented(runner(node, listener, began))));
            } else {
                nodes.forEach(node -> results.add(
                        NodeResult.skipped(node, Thread.currentThread().getName())));
            }
            Optional<String> last = hooks("on-run-end", atEnd(results, schemas), live, hookListener);
            failure = failure.isPresent() ? failure : last;
        }
        Duration took = Duration.between(began, clock.instant());
        Map<String, String> texts = new LinkedHashMap<>();
        results.forEach(result ->
                result.compiledCode().ifPresent(sql -> texts.put(result.node().uniqueId(), sql)));
        project.compilation(texts).write();
        RunResultsFile.write(project, results, took, arguments, clock.instant());
        return new Report(results, took, failure);
    }

    /** Makes nodes of another run's relations, without hooks; the other run is that which the project defers to. */
    public Report clone(List<Node> nodes, Map<String, Object> arguments, RunListener listener) {
        Instant began = clock.instant();
        project.select(nodes.stream().map(Node::uniqueId).toList());
        try (Databases live = Databases.live()) {
            schemas(nodes).forEach(schema -> execution.create(schema, live));
        }
        NodeRunner cloning = (node, live, compiled) -> new NodeRunner.Outcome(
                NodeResult.Status.SUCCESS,
                Map.of(),
                Optional.of(execution
                        .clone(node.uniqueId(), live)
                        .map(LiveRendering.Result::message)
                        .orElse("No-op")),
                OptionalLong.empty());
        List<NodeResult> results = new Execution(work(nodes), listener, clock).run(node -> commented(cloning));
        Duration took = Duration.between(began, clock.instant());
        RunResultsFile.write(project, results, took, arguments, clock.instant());
        project.compilation(Map.of()).write();
        return new Report(results, took, Optional.empty());
    }

    /**
     * Runs nodes again while a service runs: without the hooks of a run, and nothing is written beside the databases.
     *
     * @return the results in the order they ended
     * @throws dev.freshet.state.FreshetException when nothing can run: a database is away, a schema can't be made
     */
    public List<NodeResult> rerun(List<Node> nodes, RunListener listener) {
        Instant began = clock.instant();
        project.select(nodes.stream().map(Node::uniqueId).toList());
        try (Databases live = Databases.live()) {
            execution.commentAsMain(live);
            schemas(nodes).forEach(schema -> execution.create(schema, live));
        }
        return new Execution(work(nodes), listener, clock).run(node -> commented(runner(node, listener, began)));
    }

    private Set<NodeExecution.Schema> schemas(List<Node> nodes) {
        List<String> stored = nodes.stream()
                .filter(project::storesFailures)
                .map(Node::uniqueId)
                .toList();
        return execution.schemas(
                nodes.stream()
                        .filter(node -> project.route(node) != Model.Route.MAINTAINED)
                        .map(Node::uniqueId)
                        .toList(),
                stored);
    }

    private Execution.Work work(List<Node> nodes) {
        Set<String> selected = new LinkedHashSet<>();
        nodes.forEach(node -> selected.add(node.uniqueId()));
        return new Execution.Work(
                nodes,
                NodeOrder.of(
                        all(), selected, settings.isBuild() ? NodeOrder.Edges.WITH_TESTS : NodeOrder.Edges.REFERENCES),
                settings);
    }

    /** Its statements tell whose they are. */
    private NodeRunner commented(NodeRunner runner) {
        return (node, live, compiled) -> {
            execution.comment(node.uniqueId(), live);
            return runner.run(node, live, compiled);
        };
    }

    private NodeRunner runner(Node node, RunListener listener, Instant began) {
        if (project.route(node) == Model.Route.MAINTAINED) {
            return (model, live, compiled) -> {
                String said = federated.run(model);
                if (execution.isFinished(model.uniqueId())) {
                    execution.finish(model.uniqueId(), live);
                }
                return new NodeRunner.Outcome(
                        NodeResult.Status.SUCCESS, Map.of(), Optional.of(said), OptionalLong.empty());
            };
        }
        if (node.type() == ResourceType.TEST) {
            return new TestRunner(execution);
        }
        if (node.type() == ResourceType.EXPOSURE) {
            return (exposure, live, compiled) -> new NodeRunner.Outcome(
                    NodeResult.Status.NO_OP, Map.of(), Optional.of("NO-OP"), OptionalLong.empty());
        }
        if (MicrobatchRunner.isFor(node)) {
            return new MicrobatchRunner(execution, settings.batching(), listener, clock, began);
        }
        if (node.type() == ResourceType.UNIT_TEST) {
            return new UnitTestRunner(execution.unitTests());
        }
        return (model, live, compiled) -> {
            String sql = node.type() == ResourceType.SEED ? "" : execution.compile(model.uniqueId(), live);
            if (node.type() != ResourceType.SEED) {
                compiled.accept(sql);
            }
            return NodeRunner.Outcome.success(execution.materialize(model.uniqueId(), sql, live));
        };
    }

    private Optional<String> hooks(String key, Map<String, Object> seen, Databases live, HookListener listener) {
        List<NodeExecution.Hook> hooks = execution.hooks(key);
        int number = 0;
        for (NodeExecution.Hook hook : hooks) {
            number++;
            Instant began = clock.instant();
            listener.started(number, hooks.size(), hook);
            try {
                String said = execution
                        .run(hook, seen, live)
                        .map(LiveRendering.Result::message)
                        .orElse("OK");
                listener.ended(number, hooks.size(), hook, said, Duration.between(began, clock.instant()));
            } catch (RuntimeException e) {
                live.rollback();
                listener.ended(number, hooks.size(), hook, "ERROR", Duration.between(began, clock.instant()));
                return Optional.of(key + " failed, error:\n  " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** What {@code on-run-end} sees. */
    private Map<String, Object> atEnd(List<NodeResult> results, Set<NodeExecution.Schema> schemas) {
        Map<String, Object> seen = new LinkedHashMap<>();
        List<Object> listed = new ArrayList<>();
        results.forEach(result -> listed.add(RunResultsFile.forTemplates(project, result)));
        seen.put("results", listed);
        List<Object> names = new ArrayList<>();
        List<Object> pairs = new ArrayList<>();
        schemas.forEach(schema -> {
            names.add(schema.name());
            pairs.add(new ArrayList<Object>(List.of(schema.database(), schema.name())));
        });
        seen.put("schemas", names);
        seen.put("database_schemas", pairs);
        return seen;
    }
}

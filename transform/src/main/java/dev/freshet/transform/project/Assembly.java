package dev.freshet.transform.project;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.node.KeptSeeds;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.SnapshotConfig;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.node.SourceTable;
import dev.freshet.transform.project.parse.NodeParser;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.Quoting;
import dev.freshet.transform.project.render.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Puts parsed nodes together: resolves references, orders the graph, routes. Used once. */
final class Assembly {

    /** A model told of another engine may read other tables, which may route it differently; more than this is a template that never settles. */
    private static final int MOST_ROUNDS = 4;

    /**
     * Parsed nodes and how they hang together.
     *
     * @param nodes by unique id
     * @param parents the unique ids that each node reads
     * @param routes of the models, and of the snapshots and seeds that are kept as they are
     */
    record Graph(Map<String, ParsedNode> nodes, Map<String, List<String>> parents, Map<String, Model.Route> routes) {

        /** Whether it is a model, or a snapshot or seed that the service keeps as one. */
        boolean isKeptAsModel(ParsedNode node) {
            return node.isModel() || routes.containsKey(node.uniqueId());
        }

        Engine engine(ParsedNode node) {
            return routes.get(node.uniqueId()) == Model.Route.MAINTAINED
                    ? Engine.STATE_STORE
                    : Engine.of(node.output().type());
        }
    }

    private final NodeIndex index;
    private final Map<String, SourceNode> sources;
    private final Map<String, ParsedNode> nodes = new LinkedHashMap<>();
    private final NodeParser parser;
    private final Problems problems;
    private final Consumer<String> warnings;

    Assembly(
            NodeIndex index,
            Map<String, SourceNode> sources,
            Collection<ParsedNode> nodes,
            NodeParser parser,
            Problems problems,
            Consumer<String> warnings) {
        this.index = index;
        this.sources = sources;
        nodes.forEach(node -> this.nodes.putIfAbsent(node.uniqueId(), node));
        this.parser = parser;
        this.problems = problems;
        this.warnings = warnings;
    }

    /** @throws dev.freshet.state.FreshetException USER with everything that is wrong */
    Graph graph(boolean maintainAll) {
        checkRelations();
        Graph graph = routed(maintainAll);
        for (int round = 1; parseForTheirEngines(graph); round++) {
            graph = routed(maintainAll);
            if (round == MOST_ROUNDS) {
                throw new IllegalStateException(
                        "the routes of " + index.project() + " never settle: " + graph.routes());
            }
        }
        return graph;
    }

    private Graph routed(boolean maintainAll) {
        Map<String, List<String>> parents = resolve();
        Set<String> snapshots = new LinkedHashSet<>();
        if (maintainAll) {
            nodes.values().stream().filter(SnapshotConfig::mayKeep).forEach(node -> snapshots.add(node.uniqueId()));
        }
        Map<String, Model.Route> routes = routes(parents, snapshots, maintainAll);
        // What the service can't keep is a table that dbt fills.
        if (snapshots.removeIf(id -> routes.get(id) != Model.Route.MAINTAINED)) {
            return graph(parents, routes(parents, snapshots, maintainAll), maintainAll);
        }
        return graph(parents, routes, maintainAll);
    }

    private Graph graph(Map<String, List<String>> parents, Map<String, Model.Route> routes, boolean maintainAll) {
        return new Graph(
                new LinkedHashMap<>(nodes),
                parents,
                maintainAll ? KeptSeeds.withThoseRead(routes, nodes, parents) : routes);
    }

    /** @param snapshots those that are kept as models are */
    private Map<String, Model.Route> routes(
            Map<String, List<String>> parents, Set<String> snapshots, boolean maintainAll) {
        Map<String, ParsedNode> models = new LinkedHashMap<>();
        Map<String, SourceNode> inputs = new LinkedHashMap<>(sources);
        nodes.forEach((id, node) -> {
            if (node.isModel() || snapshots.contains(id)) {
                models.put(id, node);
            } else if (node.type().isReferable()) {
                inputs.put(id, asSource(node));
            }
        });
        Map<String, List<String>> modelParents = new LinkedHashMap<>(parents);
        modelParents.keySet().retainAll(models.keySet());
        return new Router(models, inputs, modelParents, maintainAll).routes();
    }

    /** What a maintained model reads of a seed or a snapshot is its table, captured like any other. */
    static SourceNode asSource(ParsedNode node) {
        NodeSource source = node.source();
        SourceTable table = new SourceTable(node.uniqueId(), node.relation(), Map.of(), source.file(), source.line());
        return new SourceNode(table, source.project(), source.name(), node.database(), false, Quoting.ALL);
    }

    private Map<String, List<String>> resolve() {
        nodes.values().removeIf(this::isTestOfNothing);
        Map<String, List<String>> parents = new LinkedHashMap<>();
        for (ParsedNode node : nodes.values()) {
            List<String> reads = new ArrayList<>();
            for (Reference reference : node.capture().references()) {
                Optional<String> id = index.uniqueId(node.source().project(), reference);
                if (id.isPresent()) {
                    reads.add(id.get());
                } else {
                    problems.add(reference.position(), index.missing(node, reference));
                }
            }
            parents.put(node.uniqueId(), reads.stream().distinct().toList());
        }
        List<String> cycle = new DependencyGraph(parents).cycle();
        if (!cycle.isEmpty()) {
            // Written from reader to read, the way a person follows ref() through the files.
            List<String> path = new ArrayList<>();
            for (int i = cycle.size() - 1; i >= 0; i--) {
                path.add(nodes.get(cycle.get(i)).source().name());
            }
            problems.add(
                    nodes.get(cycle.get(0)).source().start(),
                    "models depend on each other in a cycle: " + String.join(" -> ", path)
                            + "; remove one of these ref() calls");
        }
        problems.throwIfAny();
        return parents;
    }

    /** A generic test of something disabled goes with it; one of something that is not there is told about, as in dbt. */
    private boolean isTestOfNothing(ParsedNode node) {
        if (node.source().test().isEmpty()) {
            return false;
        }
        for (Reference reference : node.capture().references()) {
            if (index.uniqueId(node.source().project(), reference).isEmpty()) {
                if (!index.isDisabled(node.source().project(), reference)) {
                    warnings.accept(node.source().start() + ": " + index.missing(node, reference));
                }
                return true;
            }
        }
        return false;
    }

    /** Two nodes with one relation, or a model over a source's table, would overwrite each other. */
    private void checkRelations() {
        Map<TableId, String> owners = new HashMap<>();
        Map<TableId, String> read = new HashMap<>();
        sources.values()
                .forEach(source -> read.put(
                        source.table().table(),
                        "source '" + source.qualifiedName() + "' ("
                                + source.table().file() + ")"));
        for (ParsedNode node : nodes.values()) {
            if (node.isEphemeral() || !node.type().isReferable()) {
                continue;
            }
            String title = node.source().title();
            String owner = owners.putIfAbsent(
                    node.relation(), title + " (" + node.source().file() + ")");
            if (owner == null && node.isModel()) {
                owner = read.get(node.relation());
            }
            if (owner != null) {
                problems.add(
                        node.configured(),
                        title + " would be written to '" + node.relation() + "', which belongs to " + owner
                                + "; give it another alias or schema");
            }
        }
    }

    /** Parses again the models whose template asked for an engine and was told of another one than theirs; whether there were any. */
    private boolean parseForTheirEngines(Graph graph) {
        boolean any = false;
        for (ParsedNode node : List.copyOf(nodes.values())) {
            Engine engine = graph.engine(node);
            if (node.capture().asksForEngine()
                    && !engine.adapterType().equals(node.parsedFor().adapterType())) {
                problems.attempt(() -> nodes.put(node.uniqueId(), parser.parseFor(node.source(), engine)));
                any = true;
            }
        }
        problems.throwIfAny();
        return any;
    }
}

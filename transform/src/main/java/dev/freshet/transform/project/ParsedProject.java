package dev.freshet.transform.project;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Connection;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeCompiler;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.execute.Reading;
import dev.freshet.transform.project.execute.TargetFiles;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.manifest.NodeDocument;
import dev.freshet.transform.project.node.DataTest;
import dev.freshet.transform.project.node.HistoryConfig;
import dev.freshet.transform.project.node.KeptSeeds;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SnapshotConfig;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.node.SourceTable;
import dev.freshet.transform.project.parse.NodeParser;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.selection.SelectorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A project after its first rendering: every node is known, configured and connected; nothing is compiled and no database was asked. Used by one
 * thread.
 */
public final class ParsedProject {

    /** What holds for the whole project. */
    record Frame(
            Path directory,
            Path targetDirectory,
            String name,
            Map<String, Connection> connections,
            String target,
            List<String> warnings,
            Map<Position, String> missingPackages,
            boolean storesFailures) {}

    private final Frame frame;
    private final Map<String, SourceNode> sources;
    private final Assembly.Graph graph;
    private final ManifestBuilder.Parsed parsed;
    private final NodeIndex index;
    private final NodeParser parser;
    private final ModelRenderer renderer;
    private final List<String> renderings;
    private @Nullable Manifest manifest;
    private Optional<Deferral> deferral = Optional.empty();
    private Set<String> selected = Set.of();
    private Reading reading = Reading.ALL;

    ParsedProject(
            Frame frame,
            ManifestBuilder.Parsed parsed,
            NodeIndex index,
            NodeParser parser,
            ModelRenderer renderer,
            List<String> renderings) {
        this.renderings = renderings;
        this.parser = parser;
        this.frame = frame;
        this.parsed = parsed;
        this.sources = parsed.sources();
        this.graph = parsed.graph();
        this.index = index;
        this.renderer = renderer;
        renderer.graph(() -> manifest().graph());
    }

    /** The places of the texts that the parse rendered, and the unique ids of the nodes that it named; the others are as the last parse found them. */
    List<String> renderings() {
        return renderings;
    }

    /** dbt's manifest of the project, nothing compiled. */
    public Manifest manifest() {
        if (manifest == null) {
            manifest = new ManifestBuilder(parsed).build();
        }
        return manifest;
    }

    /**
     * Compiles the selected models, tests, snapshots and analyses.
     *
     * @param databases asked by templates
     * @throws dev.freshet.state.FreshetException USER with everything that is wrong
     */
    public Compilation compileSelected(Collection<String> uniqueIds, Databases databases) {
        Problems problems = new Problems();
        select(uniqueIds);
        NodeCompiler compiler = compiler(databases);
        Map<String, String> texts = new LinkedHashMap<>();
        for (String id : uniqueIds) {
            ParsedNode node = graph.nodes().get(id);
            if (node != null && node.type() != ResourceType.SEED) {
                problems.attempt(() -> texts.put(id, compiler.compile(node, graph.engine(node))));
            }
        }
        throwIfAny(problems);
        return new Compilation(manifest(), texts, frame.targetDirectory(), frame.directory());
    }

    private NodeCompiler compiler(Databases databases) {
        return new NodeCompiler(
                index,
                graph.nodes(),
                sources,
                renderer,
                parsed.quoting(),
                databases,
                id -> manifest().node(id).orElse(Map.of()),
                read -> deferral.flatMap(other -> other.relation(read.node(), read.engine(), databases, selected)),
                reading);
    }

    /** From now on, references of what is compiled and run read only this. */
    public void read(Reading part) {
        reading = part;
    }

    /** From now on, what is not built here is read where another run built it. */
    public void defer(Deferral other) {
        deferral = Optional.of(other);
    }

    /** What a command works on, as templates see it, and as deferral goes by it. */
    public void select(Collection<String> uniqueIds) {
        selected = Set.copyOf(uniqueIds);
        renderer.selected(uniqueIds);
    }

    /** The selections of selectors.yml by name. */
    Map<String, SelectorsFile.NamedSelection> selectors() {
        return parsed.selectors();
    }

    public Path targetDirectory() {
        return frame.targetDirectory();
    }

    public List<String> warnings() {
        return frame.warnings();
    }

    public Path directory() {
        return frame.directory();
    }

    public String name() {
        return frame.name();
    }

    /** All nodes but sources, parents before children. */
    public List<Node> nodes() {
        List<Node> nodes = new ArrayList<>();
        for (String id : new DependencyGraph(graph.parents()).order()) {
            ParsedNode node = graph.nodes().get(id);
            if (node != null) {
                nodes.add(Node.of(node, graph.parents().getOrDefault(id, List.of())));
            }
        }
        return nodes;
    }

    /** All exposures, with what they depend on. */
    public List<Node> exposures() {
        return manifest().section("exposures").values().stream()
                .map(Node::ofProperties)
                .toList();
    }

    /** All unit tests, each with the model that it tests as what it depends on. */
    public List<Node> unitTests() {
        return manifest().section("unit_tests").values().stream()
                .map(Node::ofProperties)
                .toList();
    }

    /**
     * The compiled text of one node, of any kind that has one.
     *
     * @throws dev.freshet.state.FreshetException USER with file, line and remedy
     */
    public String compiled(Node node, Databases databases) {
        ParsedNode parsed = graph.nodes().get(node.uniqueId());
        if (parsed == null) {
            throw new IllegalArgumentException(node.uniqueId());
        }
        return compiler(databases).compile(parsed, graph.engine(parsed));
    }

    /**
     * The compiled text of a template that is no node of the project; it can refer to all of them.
     *
     * @throws dev.freshet.state.FreshetException USER with line and remedy
     */
    public String inline(String template, Databases databases) {
        ParsedNode node = parser.parse(NodeSource.inline(frame.name(), template));
        return compiler(databases).compile(node, Engine.of(node.output().type()));
    }

    /** How its nodes are run. All of it is ready for any number of threads afterwards. */
    public NodeExecution execution() {
        return new NodeExecution(new NodeExecution.Parts(
                this::compiler,
                graph.nodes(),
                sources,
                renderer,
                parser,
                manifest(),
                frame.name(),
                frame.directory(),
                target(),
                parsed.packages(),
                new TargetFiles(frame.targetDirectory()),
                node -> deferral.flatMap(other -> other.elsewhere(node))));
    }

    /** The manifest with the texts of nodes that ran. */
    public Compilation compilation(Map<String, String> texts) {
        return new Compilation(manifest(), texts, frame.targetDirectory(), frame.directory());
    }

    /** Whether a test keeps the rows that fail it: what it says itself, else the command. */
    public boolean storesFailures(Node node) {
        Object own = node.config().get("store_failures");
        return node.type() == ResourceType.TEST && (own == null ? frame.storesFailures() : Boolean.TRUE.equals(own));
    }

    /** Where a node's compiled text is written, as the command line shows it. */
    public String compiledFile(Node node) {
        Path file = new TargetFiles(frame.targetDirectory())
                .of(TargetFiles.Kind.COMPILED, manifest().node(node.uniqueId()).orElse(Map.of()));
        return (file.startsWith(frame.directory()) ? frame.directory().relativize(file) : file).toString();
    }

    /** The name of the table of a test that keeps what fails, as it stands in statements. */
    public String storedFailures(Node test) {
        ParsedNode node = graph.nodes().get(test.uniqueId());
        if (node == null) {
            throw new IllegalArgumentException(test.uniqueId());
        }
        return NodeDocument.relationName(node, parsed.quoting());
    }

    /** Where a node's SQL runs; only models are ever maintained. */
    public Model.Route route(Node node) {
        return graph.routes().getOrDefault(node.uniqueId(), Model.Route.PUSHDOWN);
    }

    /** The output whose database a node belongs to. */
    public Connection output(Node node) {
        ParsedNode found = graph.nodes().get(node.uniqueId());
        return found == null ? target() : found.output();
    }

    /** The default output. */
    public Connection target() {
        Connection target = frame.connections().get(frame.target());
        if (target == null) {
            throw new IllegalStateException(frame.target());
        }
        return target;
    }

    public Map<String, Connection> connections() {
        return frame.connections();
    }

    /** The unique ids of all models. */
    public Set<String> modelIds() {
        Set<String> ids = new LinkedHashSet<>();
        graph.nodes().values().stream().filter(ParsedNode::isModel).forEach(node -> ids.add(node.uniqueId()));
        return ids;
    }

    /** The unique ids of all models, and of the snapshots and seeds that the service keeps. */
    public Set<String> keptIds() {
        Set<String> ids = new LinkedHashSet<>();
        graph.nodes().values().stream().filter(graph::isKeptAsModel).forEach(node -> ids.add(node.uniqueId()));
        return ids;
    }

    /** The unique ids of what the service has to do with: these, and tests. */
    public Set<String> servedIds() {
        Set<String> ids = keptIds();
        graph.nodes().values().stream()
                .filter(node -> node.type() == ResourceType.TEST)
                .forEach(node -> ids.add(node.uniqueId()));
        return ids;
    }

    /** Compiles all models without a database: a template that asks one is an error. */
    public Project compile() {
        return compile(graph.nodes().keySet(), Databases.none());
    }

    /**
     * Compiles some models and tests; the project holds no others.
     *
     * @param databases asked by templates
     *
     * @throws dev.freshet.state.FreshetException USER with everything that is wrong
     */
    public Project compile(Set<String> uniqueIds, Databases databases) {
        Problems problems = new Problems();
        select(uniqueIds);
        NodeCompiler compiler = compiler(databases);
        List<Model> compiled = new ArrayList<>();
        for (String id : new DependencyGraph(graph.parents()).order()) {
            ParsedNode node = graph.nodes().get(id);
            if (node != null && graph.isKeptAsModel(node) && uniqueIds.contains(id)) {
                problems.attempt(() -> compiled.add(model(node, compiler)));
            }
        }
        List<String> warnings = new ArrayList<>(frame.warnings());
        List<DataTest> tests = new StateTests(graph, sources, compiler, problems, warnings::add).among(uniqueIds);
        throwIfAny(problems);
        compiled.forEach(model -> warnAboutView(model, warnings));
        return new Project(
                frame.directory(),
                frame.targetDirectory(),
                frame.name(),
                frame.connections(),
                frame.target(),
                sourceTables(),
                compiled,
                tests,
                warnings);
    }

    /** What a package would have brought is undefined without it: says so beside the errors that follow from it. */
    private void throwIfAny(Problems problems) {
        if (!problems.isEmpty()) {
            frame.missingPackages().forEach(problems::add);
        }
        problems.throwIfAny();
    }

    private List<SourceTable> sourceTables() {
        Map<String, SourceTable> tables = new LinkedHashMap<>();
        sources.values().forEach(source -> tables.put(source.table().uniqueId(), source.table()));
        graph.routes().forEach((id, route) -> {
            if (route == Model.Route.MAINTAINED) {
                addReadTables(id, tables);
            }
        });
        return List.copyOf(tables.values());
    }

    /** Seeds and snapshots that a maintained model reads are captured tables to it. */
    private void addReadTables(String id, Map<String, SourceTable> tables) {
        for (String parent : graph.parents().getOrDefault(id, List.of())) {
            ParsedNode node = graph.nodes().get(parent);
            if (node != null && !graph.isKeptAsModel(node)) {
                tables.put(parent, Assembly.asSource(node).table());
            } else if (node != null && node.isEphemeral()) {
                addReadTables(parent, tables);
            }
        }
    }

    private Model model(ParsedNode node, NodeCompiler compiler) {
        Engine engine = graph.engine(node);
        boolean isSeed = node.type() == ResourceType.SEED;
        String sql = isSeed ? KeptSeeds.query(node, root(node)) : compiler.compile(node, engine);
        Optional<Accumulation> history = HistoryConfig.isKept(node, engine)
                ? Optional.of(HistoryConfig.read(node, sql, compiler.compile(node, engine, NodeCompiler.Run.CONTINUED)))
                : Optional.empty();
        Optional<SnapshotHistory> snapshot =
                node.isModel() || isSeed ? Optional.empty() : Optional.of(SnapshotConfig.read(node, sql));
        return new Model(
                node.uniqueId(),
                node.source().name(),
                node.relation(),
                node.isModel()
                        ? node.materialization()
                        : isSeed ? Model.Materialization.SEED : Model.Materialization.SNAPSHOT,
                graph.routes().getOrDefault(node.uniqueId(), Model.Route.PUSHDOWN),
                graph.parents().getOrDefault(node.uniqueId(), List.of()),
                sql,
                history.map(Accumulation::uniqueKey)
                        .or(() -> snapshot.map(SnapshotHistory::uniqueKey))
                        .orElse(node.uniqueKey()),
                node.tags(),
                node.source().fqn(),
                node.source().file(),
                history,
                snapshot,
                !node.config().flag("full_refresh", true, node.configured()));
    }

    private Path root(ParsedNode node) {
        return parsed.packages().stream()
                .filter(each -> each.name().equals(node.source().project()))
                .map(each -> frame.directory().resolve(each.directory()))
                .findFirst()
                .orElse(frame.directory());
    }

    private static void warnAboutView(Model model, List<String> warnings) {
        if (model.materialization() == Model.Materialization.VIEW && model.route() == Model.Route.MAINTAINED) {
            String warning = "DVT001: " + model.file() + ": view '" + model.name()
                    + "' is maintained by Freshet and delivered as a table; say materialized='table' to agree";
            if (!warnings.contains(warning)) {
                warnings.add(warning);
            }
        }
    }
}

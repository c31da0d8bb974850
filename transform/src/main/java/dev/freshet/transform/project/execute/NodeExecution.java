package dev.freshet.transform.project.execute;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.database.StatementComment;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.parse.ForeignKeys;
import dev.freshet.transform.project.parse.IgnoredSettings;
import dev.freshet.transform.project.parse.NodeParser;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.LiveRendering;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Overrides;
import dev.freshet.transform.project.render.Relation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs single nodes of a parsed project: compiles each when its turn comes and calls its materialization, as dbt does. Used by any number of threads,
 * each with sessions of its own.
 */
public final class NodeExecution {

    /** What it needs of a parsed project. */
    public record Parts(
            Function<Databases, NodeCompiler> compiler,
            Map<String, ParsedNode> nodes,
            Map<String, SourceNode> sources,
            ModelRenderer renderer,
            NodeParser parser,
            Manifest manifest,
            String project,
            Path directory,
            Connection target,
            Collection<ProjectPackage> packages,
            TargetFiles files,
            Function<ParsedNode, Optional<Relation>> elsewhere) {}

    /** A schema that nodes are built in. */
    public record Schema(Connection output, String database, String name) {}

    /** A statement of {@code on-run-start} or {@code on-run-end}. */
    public record Hook(String uniqueId, String name, String sql) {}

    private final Parts parts;
    /** What refers where no node does. */
    private final ParsedNode outside;

    /** For a project that is parsed. */
    public NodeExecution(Parts parts) {
        this.parts = parts;
        // Parsing is for one thread: it is over before nodes run.
        this.outside = parts.parser().parse(NodeSource.inline(parts.project(), ""));
    }

    /** How its unit tests are run. */
    public UnitTestExecution unitTests() {
        return new UnitTestExecution(parts);
    }

    private NodeCompiler compiler(Databases live) {
        return parts.compiler().apply(live);
    }

    private ParsedNode node(String uniqueId) {
        ParsedNode node = parts.nodes().get(uniqueId);
        if (node == null) {
            throw new IllegalArgumentException(uniqueId);
        }
        return node;
    }

    /** From now on, the statements of these sessions are a node's. */
    public void comment(String uniqueId, Databases live) {
        live.comment(comment(parts.manifest().node(uniqueId).orElse(null), uniqueId, live));
    }

    /** From now on, the statements of these sessions are those of schemas and hooks. */
    public void commentAsMain(Databases live) {
        live.comment(comment(null, "master", live));
    }

    private StatementComment comment(@Nullable Map<String, @Nullable Object> document, String name, Databases live) {
        return parts.packages().stream()
                .filter(ProjectPackage::isRoot)
                .findFirst()
                .map(root -> QueryComment.of(root.file().written()))
                .orElseThrow()
                .rendered(project(parts.target(), live), document, name);
    }

    /** A node's text, for the output that it runs on. */
    public String compile(String uniqueId, Databases live) {
        ParsedNode node = node(uniqueId);
        return compiler(live).compile(node, Engine.of(node.output().type()));
    }

    /** The text of one batch of a microbatch model. */
    public String compile(String uniqueId, Batch batch, Databases live) {
        ParsedNode node = node(uniqueId);
        String sql = compiler(live)
                .within(batch)
                .compile(node, Engine.of(node.output().type()));
        Map<String, @Nullable Object> document = parts.manifest().node(uniqueId).orElseThrow();
        TargetFiles.write(parts.files().of(TargetFiles.Kind.COMPILED, document, batch), sql);
        return sql;
    }

    /** Whether a run adds to what a model's table holds. */
    public boolean isIncremental(String uniqueId, Databases live) {
        ParsedNode node = node(uniqueId);
        LiveRendering rendering =
                compiler(live).live(node, parts.manifest().node(uniqueId).orElseThrow(), Overrides.NONE);
        return Boolean.TRUE.equals(rendering.call(macro(rendering, "is_incremental"), Map.of()));
    }

    /**
     * Runs a node's materialization on its compiled text.
     *
     * @return what its main statement brought
     * @throws FreshetException with the database's or the template's message; what was not committed is gone
     */
    public LiveRendering.Result materialize(String uniqueId, String sql, Databases live) {
        return materialize(uniqueId, sql, Optional.empty(), live);
    }

    /** The same for one batch. */
    public LiveRendering.Result materialize(String uniqueId, String sql, Batch batch, Databases live) {
        return materialize(uniqueId, sql, Optional.of(batch), live);
    }

    private LiveRendering.Result materialize(String uniqueId, String sql, Optional<Batch> batch, Databases live) {
        ParsedNode node = node(uniqueId);
        Map<String, @Nullable Object> document =
                new LinkedHashMap<>(parts.manifest().node(uniqueId).orElseThrow());
        batch.ifPresent(part -> document.put("batch", part.shown()));
        if (node.isModel()) {
            NodeCompiler compiler = compiler(live);
            Engine engine = Engine.of(node.output().type());
            ForeignKeys.resolve(
                    document, node.configured(), reference -> compiler.relation(compiler.id(node, reference), engine)
                            .text());
        }
        boolean isContinued = batch.filter(Batch::isContinued).isPresent();
        Overrides overrides = isContinued
                ? new Overrides(Map.of("is_incremental", true, "should_full_refresh", false), Map.of(), Map.of())
                : Overrides.NONE;
        document.put("compiled", true);
        document.put("compiled_code", sql);
        document.put("root_path", root(node).toString());
        LiveRendering rendering = compiler(live)
                .live(node, document, overrides)
                .with("sql", sql)
                .with("compiled_code", sql)
                .with("schema", node.relation().schema())
                .with("database", node.database().isEmpty() ? None.NONE : node.database())
                .with("pre_hooks", batch.map(Batch::isFirst).orElse(true) ? Hooks.of(document, "pre-hook") : List.of())
                .with(
                        "post_hooks",
                        batch.map(Batch::isLast).orElse(true) ? Hooks.of(document, "post-hook") : List.of());
        rendering.withWrite(text -> TargetFiles.write(
                batch.map(part -> parts.files().of(TargetFiles.Kind.RUN, document, part))
                        .orElseGet(() -> parts.files().of(TargetFiles.Kind.RUN, document)),
                text));
        if (node.type() == ResourceType.SEED) {
            String separator = node.config().text("delimiter").orElse(",");
            Set<String> texts = new LinkedHashSet<>();
            if (node.config().values().get("column_types") instanceof Map<?, ?> types) {
                types.keySet().forEach(column -> texts.add(String.valueOf(column)));
            }
            rendering.withSeed(
                    root(node).resolve(node.source().originalFile()),
                    separator.isEmpty() ? ',' : separator.charAt(0),
                    texts);
        }
        Object unused = rendering.call(
                materialization(
                        node,
                        node.isModel()
                                ? node.config().text("materialized").orElse("view")
                                : node.type().id()),
                Map.of());
        return rendering
                .result("main")
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "the materialization of " + node.source().title()
                                + " runs no statement called 'main', which it must"));
    }

    private Path root(ParsedNode node) {
        return parts.directory()
                .resolve(parts.packages().stream()
                        .filter(each -> each.name().equals(node.source().project()))
                        .findFirst()
                        .orElseThrow()
                        .directory());
    }

    /**
     * Makes a node's relation one that reads another run's: {@code clone}.
     *
     * @return what its main statement brought; empty when nothing was to be done
     */
    public Optional<LiveRendering.Result> clone(String uniqueId, Databases live) {
        ParsedNode node = node(uniqueId);
        Optional<Relation> elsewhere = parts.elsewhere().apply(node);
        Map<String, @Nullable Object> document = parts.manifest().node(uniqueId).orElseThrow();
        LiveRendering rendering = compiler(live)
                .live(node, document, Overrides.NONE)
                .with(
                        "sql",
                        elsewhere
                                .map(relation -> "select * from " + relation.text())
                                .orElse(""))
                .with("defer_relation", elsewhere.isPresent() ? elsewhere.get() : None.NONE)
                .with("schema", node.relation().schema())
                .with("database", node.database().isEmpty() ? None.NONE : node.database())
                .with("pre_hooks", List.of())
                .with("post_hooks", List.of());
        Object unused = rendering.call(materialization(node, "clone"), Map.of());
        return rendering.result("main");
    }

    /** Whether the project says more of a model's table than its rows: hooks, grants, indexes, comments. */
    public boolean isFinished(String uniqueId) {
        return node(uniqueId).output().type().equals("postgres")
                && IgnoredSettings.finishing(node(uniqueId).config().values());
    }

    /** Gives a table that is there all that; what it has already it keeps. Hooks run every time. */
    public void finish(String uniqueId, Databases live) {
        ParsedNode node = node(uniqueId);
        Map<String, @Nullable Object> document = parts.manifest().node(uniqueId).orElseThrow();
        Object unused = compiler(live)
                .live(node, document, Overrides.NONE)
                .with("sql", "")
                .with("schema", node.relation().schema())
                .with("database", node.database().isEmpty() ? None.NONE : node.database())
                .with("pre_hooks", Hooks.of(document, "pre-hook"))
                .with("post_hooks", Hooks.of(document, "post-hook"))
                .call(materialization(node, "finished"), Map.of());
    }

    private MacroDefinition materialization(ParsedNode node, String name) {
        String adapter = node.output().type();
        return parts.renderer()
                .materialization(name, adapter)
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "No materialization '" + name + "' was found for adapter " + adapter + "! (searched types '"
                                + adapter + "', 'default')"));
    }

    /** The schemas that must be there before nodes run. */
    public Set<Schema> schemas(Collection<String> uniqueIds, Collection<String> storedTests) {
        Set<Schema> schemas = new LinkedHashSet<>();
        for (String id : uniqueIds) {
            ParsedNode node = parts.nodes().get(id);
            if (node != null && !node.isEphemeral() && (node.type().isReferable() || storedTests.contains(id))) {
                schemas.add(new Schema(
                        node.output(), node.database(), node.relation().schema()));
            }
        }
        return schemas;
    }

    /** Creates a schema that is not there; it is committed. */
    public void create(Schema schema, Databases live) {
        if (live.session(schema.output()).schemas().stream().anyMatch(schema.name()::equals)) {
            return;
        }
        Engine engine = Engine.of(schema.output().type());
        LiveRendering rendering = project(schema.output(), live);
        Object unused = rendering.call(
                macro(rendering, "create_schema"),
                Map.of(
                        "relation",
                        Relation.schema(schema.output().name(), schema.database(), schema.name(), engine.style())));
        live.session(schema.output()).commit();
    }

    /** What templates that are no node see: those of hooks and operations. */
    private LiveRendering project(Connection output, Databases live) {
        Engine engine = Engine.of(output.type());
        Relation self = Relation.schema(
                output.name(),
                OutputDefaults.database(output),
                OutputDefaults.schema(output).orElse(""),
                engine.style());
        ModelRenderer.Subject subject =
                new ModelRenderer.Subject(parts.project(), output, engine, self, Map.of(), Map.of());
        NodeCompiler compiler = compiler(live);
        return parts.renderer()
                .live(
                        subject,
                        Map.of(),
                        reference -> compiler.resolve(outside, reference, engine),
                        live,
                        Overrides.NONE);
    }

    private static MacroDefinition macro(LiveRendering rendering, String name) {
        return rendering
                .macro(name)
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "there is no macro '" + name + "' in the project or its packages"
                                + (name.contains(".") ? "" : "; write package.macro for one of a package")));
    }

    /**
     * Calls a macro by its name, on the default output; what it leaves uncommitted is given up, as in dbt.
     *
     * @return what it gives, as plain values
     */
    public @Nullable Object operation(String name, Map<String, ?> arguments, Databases live) {
        LiveRendering rendering = project(parts.target(), live);
        return rendering.call(macro(rendering, name), arguments);
    }

    /**
     * Asks when a source was loaded last.
     *
     * @param document the source's entry of the manifest
     * @return one row: the newest time, and the database's own time
     */
    public LiveRendering.Result freshness(Map<String, @Nullable Object> document, Connection output, Databases live) {
        SourceNode source = parts.sources().get(String.valueOf(document.get("unique_id")));
        Engine engine = Engine.of(output.type());
        Relation relation = Relation.table(source.table().table(), source.database(), "table", engine.style());
        LiveRendering rendering = project(output, live);
        Object query = document.get("loaded_at_query");
        if (query != null) {
            Object unused = rendering.call(
                    macro(rendering, "collect_freshness_custom_sql"),
                    Map.of("source", relation, "loaded_at_query", rendering.render(query.toString())));
        } else {
            Object filter = document.get("freshness") instanceof Map<?, ?> freshness ? freshness.get("filter") : null;
            Object unused = rendering.call(
                    macro(rendering, "collect_freshness"),
                    Map.of(
                            "source",
                            relation,
                            "loaded_at_field",
                            String.valueOf(document.get("loaded_at_field")),
                            "filter",
                            filter == null ? None.NONE : filter));
        }
        return rendering.result("collect_freshness").orElseThrow();
    }

    /**
     * Asks a database about the relations of some schemas, through {@code get_catalog}.
     *
     * @param database as the output's default where empty
     * @return a row for each column of each relation, with dbt's names for what it says
     */
    public LiveRendering.Result catalog(
            Connection output, String database, Collection<String> schemas, Databases live) {
        LiveRendering rendering = project(output, live);
        Object unused = rendering.call(
                macro(rendering, "get_catalog"),
                Map.of(
                        "information_schema",
                        Relation.schema(
                                output.name(),
                                database,
                                "information_schema",
                                Engine.of(output.type()).style()),
                        "schemas",
                        List.copyOf(schemas)));
        return rendering.result("catalog").orElseThrow();
    }

    /**
     * Drops what a node made, with whatever depends on it; it is committed.
     *
     * @return {@code table}, {@code view}, ... as it was; empty when nothing was there
     */
    public Optional<String> drop(String uniqueId, Databases live) {
        ParsedNode node = node(uniqueId);
        LiveRendering rendering = project(node.output(), live);
        Object kind = rendering.call(
                macro(rendering, "freshet__retract"),
                Map.of(
                        "database",
                        node.database().isEmpty() ? None.NONE : node.database(),
                        "schema",
                        node.relation().schema(),
                        "identifier",
                        node.relation().name()));
        return Optional.ofNullable(kind).map(Object::toString).filter(text -> !text.isEmpty());
    }

    /** The output that a source lives on. */
    public String outputOfSource(String uniqueId) {
        SourceNode source = parts.sources().get(uniqueId);
        if (source == null) {
            throw new IllegalArgumentException(uniqueId);
        }
        return source.table().table().connection();
    }

    /** The statements of {@code on-run-start} or {@code on-run-end}, the packages' first. */
    public List<Hook> hooks(String key) {
        List<Hook> hooks = new ArrayList<>();
        for (ProjectPackage each : parts.packages()) {
            int number = 0;
            for (String sql : each.file().hooks(key)) {
                String name = each.name() + "-" + key + "-" + number;
                hooks.add(
                        new Hook("operation." + each.name() + "." + name, each.name() + "." + key + "." + number, sql));
                number++;
            }
        }
        return hooks;
    }

    /**
     * Runs such a statement; an empty one does nothing.
     *
     * @param seen more that its template sees, such as {@code results}
     * @return what the database said
     */
    public Optional<LiveRendering.Result> run(Hook hook, Map<String, Object> seen, Databases live) {
        LiveRendering rendering = project(parts.target(), live);
        seen.forEach(rendering::with);
        String sql = rendering.render(hook.sql()).strip();
        if (sql.isEmpty()) {
            live.session(parts.target()).commit();
            return Optional.empty();
        }
        live.session(parts.target()).begin();
        var answer = live.session(parts.target()).execute(sql);
        live.session(parts.target()).commit();
        return Optional.of(new LiveRendering.Result(Map.of("_message", answer.message()), List.of(), List.of()));
    }
}

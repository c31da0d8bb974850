package dev.freshet.transform.project.execute;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.compile.CommonTableExpressions;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.manifest.ConfigDocument;
import dev.freshet.transform.project.node.HistoryConfig;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.parse.NodeParser;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.Excerpt;
import dev.freshet.transform.project.render.LiveRendering;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Overrides;
import dev.freshet.transform.project.render.Quoting;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.render.References;
import dev.freshet.transform.project.render.Relation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Renders models for the second time, with everything resolved, and puts ephemeral parents in. Used by one thread. */
public final class NodeCompiler {

    /** A model's own text, before its ephemeral parents are put in front. */
    private record Rendered(String sql, List<String> ephemeralParents) {}

    /** What the manifest knows better than the parser. */
    private static final Set<String> COMPLETED = Set.of("columns", "depends_on");

    private record Variant(String model, Engine engine, Run run) {}

    /** What {@code is_incremental()} is told of a maintained incremental model. */
    public enum Run {
        FIRST,
        CONTINUED
    }

    private final NodeIndex index;
    private final Map<String, ParsedNode> models;
    private final Map<String, SourceNode> sources;
    private final ModelRenderer renderer;
    private final Quoting quoting;
    private final Databases databases;
    private final Function<String, Map<String, @Nullable Object>> documents;
    private final Function<Deferred, Optional<Relation>> deferral;
    private final Reading reading;
    private Optional<Batch> batch = Optional.empty();
    private final Map<Variant, Rendered> rendered = new HashMap<>();

    /** A node that is read, and what runs the SQL that reads it. */
    public record Deferred(ParsedNode node, Engine engine) {}

    /**
     * @param documents the nodes of the manifest by unique id, empty for what is in none
     * @param deferral where a node is read instead of its own relation
     */
    public NodeCompiler(
            NodeIndex index,
            Map<String, ParsedNode> models,
            Map<String, SourceNode> sources,
            ModelRenderer renderer,
            Quoting quoting,
            Databases databases,
            Function<String, Map<String, @Nullable Object>> documents,
            Function<Deferred, Optional<Relation>> deferral,
            Reading reading) {
        this.index = index;
        this.models = models;
        this.sources = sources;
        this.renderer = renderer;
        this.quoting = quoting;
        this.databases = databases;
        this.documents = documents;
        this.deferral = deferral;
        this.reading = reading;
    }

    /** From now on, what has an {@code event_time} is read within a batch of the reading model. */
    NodeCompiler within(Batch part) {
        batch = Optional.of(part);
        return this;
    }

    /** The SQL that the engine runs. An ephemeral parent is rendered for the engine of its reader. */
    public String compile(ParsedNode model, Engine engine) {
        return compile(model, engine, Run.FIRST);
    }

    /** The same for a run of an incremental model that has rows already. */
    public String compile(ParsedNode model, Engine engine, Run run) {
        Rendered own = render(model, engine, run);
        Map<String, String> expressions = new LinkedHashMap<>();
        own.ephemeralParents().forEach(parent -> addExpressions(parent, engine, expressions));
        return CommonTableExpressions.prepend(expressions, own.sql());
    }

    private void addExpressions(String id, Engine engine, Map<String, String> expressions) {
        ParsedNode model = models.get(id);
        String name = model.relation().name();
        if (expressions.containsKey(name)) {
            return;
        }
        Rendered own = render(model, engine, Run.FIRST);
        own.ephemeralParents().forEach(parent -> addExpressions(parent, engine, expressions));
        expressions.put(name, own.sql());
    }

    private Rendered render(ParsedNode model, Engine engine, Run run) {
        Variant variant = new Variant(model.uniqueId(), engine, run);
        Rendered known = rendered.get(variant);
        if (known == null) {
            known = renderNow(model, engine, run);
            rendered.put(variant, known);
        }
        return known;
    }

    /** The context of a node that runs on its own output: its manifest entry is its {@code model}. */
    LiveRendering live(ParsedNode node, Map<String, @Nullable Object> document, Overrides overrides) {
        Engine engine = Engine.of(node.output().type());
        Map<String, Object> shown = new LinkedHashMap<>();
        document.forEach((key, value) -> shown.put(key, value == null ? None.NONE : value));
        ModelRenderer.Subject subject = new ModelRenderer.Subject(
                node.source().project(),
                node.output(),
                engine,
                relation(node, engine),
                shown,
                NodeParser.arguments(node.source()));
        return renderer.live(
                subject,
                ConfigDocument.of(node.type(), node.config()),
                reference -> resolve(node, reference, engine),
                databases,
                overrides);
    }

    /**
     * A model's text over what a unit test gives it.
     *
     * @param references what it reads instead
     */
    public String compile(ParsedNode model, Relation self, References references, Overrides overrides) {
        Engine engine = Engine.of(model.output().type());
        ModelRenderer.Subject subject = new ModelRenderer.Subject(
                model.source().project(), model.output(), engine, self, node(model), Map.of());
        return renderer.compile(model.source().text(), subject, model.config(), references, databases, overrides);
    }

    private Rendered renderNow(ParsedNode model, Engine engine, Run run) {
        Set<String> ephemeral = new LinkedHashSet<>();
        Relation self = relation(model, engine);
        Map<String, Object> node = node(model);
        if (HistoryConfig.isKept(model, engine)) {
            node.put("freshet_run", run.name().toLowerCase(Locale.ROOT));
        }
        ModelRenderer.Subject subject = new ModelRenderer.Subject(
                model.source().project(), model.output(), engine, self, node, NodeParser.arguments(model.source()));
        String sql = renderer.compile(
                model.source().text(),
                subject,
                model.config(),
                reference -> {
                    Relation relation = resolve(model, reference, engine);
                    if (relation.kind().equals("cte")) {
                        ephemeral.add(index.uniqueId(model.source().project(), reference)
                                .orElseThrow());
                    }
                    return relation;
                },
                databases,
                Overrides.NONE);
        return new Rendered(Excerpt.withoutDoubleAliases(sql), new ArrayList<>(ephemeral));
    }

    /** {@code model}: the manifest's node without what is None, as in dbt. */
    private Map<String, Object> node(ParsedNode model) {
        Map<String, Object> node = new LinkedHashMap<>();
        documents.apply(model.uniqueId()).forEach((key, value) -> {
            if (value != null) {
                node.put(key, value);
            }
        });
        NodeParser.node(model.source(), model.config()).forEach((key, value) -> {
            if (!COMPLETED.contains(key) || !node.containsKey(key)) {
                node.put(key, value);
            }
        });
        batch.ifPresent(part -> node.put("batch", part.shown()));
        node.put("alias", model.relation().name());
        node.put("schema", model.relation().schema());
        node.put("database", model.database());
        return node;
    }

    Relation resolve(ParsedNode model, Reference reference, Engine engine) {
        boolean isRef = reference.kind() == Reference.Kind.REF;
        boolean isInline = model.type() == ResourceType.SQL_OPERATION;
        // As in dbt, a source may be met while compiling only: it orders nothing.
        if (isRef && !isInline && model.capture().references().stream().noneMatch(reference::isSameAs)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    model.source().title() + " depends on " + reference
                            + ", which was not seen while parsing, when execute is false: put '-- depends_on: {{ "
                            + reference
                            + " }}' at the top of " + model.source().file());
        }
        String id = id(model, reference);
        return relation(id, engine).reading(excerpt(model, id));
    }

    private Excerpt excerpt(ParsedNode reader, String id) {
        Optional<String> eventTime = eventTime(id);
        Optional<EventWindow> window = batch.map(Batch::window);
        boolean isSampled = reader.isModel() || reader.type() == ResourceType.SNAPSHOT;
        if (reading.sample().isPresent() && isSampled) {
            EventWindow sample = reading.sample().get();
            // A batch outside the sample is empty, as the sample at its own end is.
            window = Optional.of(window.map(own -> own.within(sample).orElse(new EventWindow(own.start(), own.start())))
                    .orElse(sample));
        }
        return new Excerpt(reading.isEmpty(), eventTime.orElse(""), eventTime.isPresent() ? window : Optional.empty());
    }

    private Optional<String> eventTime(String id) {
        ParsedNode node = models.get(id);
        return node != null
                ? node.config().text("event_time")
                : documents.apply(id).get("config") instanceof Map<?, ?> config && config.get("event_time") != null
                        ? Optional.of(String.valueOf(config.get("event_time")))
                        : Optional.empty();
    }

    /** What a reference in a node means. */
    String id(ParsedNode node, Reference reference) {
        return index.uniqueId(node.source().project(), reference)
                .orElseThrow(() -> new FreshetException(ErrorKind.USER, index.missing(node, reference)));
    }

    /** Where a node or source is read. */
    Relation relation(String id, Engine engine) {
        ParsedNode parent = models.get(id);
        if (parent == null) {
            SourceNode source = sources.get(id);
            return source.quoting()
                    .applied(Relation.table(source.table().table(), source.database(), "table", engine.style()));
        }
        return parent.isEphemeral()
                ? Relation.expression(
                        CommonTableExpressions.name(parent.relation().name()), engine.style())
                : deferral.apply(new Deferred(parent, engine)).orElseGet(() -> relation(parent, engine));
    }

    Relation relation(ParsedNode model, Engine engine) {
        String kind = model.materialization() == Model.Materialization.VIEW ? "view" : "table";
        return quoting.with(model.config().values().get("quoting"))
                .applied(Relation.table(model.relation(), model.database(), kind, engine.style()));
    }
}

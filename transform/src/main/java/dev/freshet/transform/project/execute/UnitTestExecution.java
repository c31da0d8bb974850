package dev.freshet.transform.project.execute;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.compile.CommonTableExpressions;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.LiveRendering;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Overrides;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.render.References;
import dev.freshet.transform.project.render.Relation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs unit tests: a model's text over the rows that a test gives, which stand in front of it as common table expressions; nothing that it reads is
 * touched, only asked for its columns. Used by any number of threads, each with sessions of its own.
 */
public final class UnitTestExecution {

    /** The key of the rows that the model has already. */
    private static final String THIS = "this";

    private final NodeExecution.Parts parts;

    UnitTestExecution(NodeExecution.Parts parts) {
        this.parts = parts;
    }

    /**
     * What a test gives.
     *
     * @param id the node or source that is read, or {@link #THIS}
     * @param name that its rows have in the test
     * @param relation that its rows stand for
     */
    private record Input(String id, String name, Relation relation) {}

    private Map<String, @Nullable Object> document(String uniqueId) {
        Map<String, @Nullable Object> document =
                parts.manifest().section("unit_tests").get(uniqueId);
        if (document == null) {
            throw new IllegalArgumentException(uniqueId);
        }
        return document;
    }

    private ParsedNode tested(Map<String, @Nullable Object> document) {
        Object model = ((List<?>) ((Map<?, ?>) document.getOrDefault("depends_on", Map.of())).get("nodes")).get(0);
        return parts.nodes().get(String.valueOf(model));
    }

    /** The tested model's text with the given rows in front. */
    public String compile(String uniqueId, Databases live) {
        Map<String, @Nullable Object> document = document(uniqueId);
        ParsedNode tested = tested(document);
        NodeCompiler compiler = parts.compiler().apply(live);
        Engine engine = Engine.of(tested.output().type());
        Map<String, String> rows = new LinkedHashMap<>();
        Map<String, Relation> given = new LinkedHashMap<>();
        for (Object item : (List<?>) document.getOrDefault("given", List.of())) {
            Map<?, ?> fixture = (Map<?, ?>) item;
            Input input = input(String.valueOf(fixture.get("input")), tested, compiler, live);
            rows.put(input.name(), rows(fixture, input, tested, live));
            given.put(input.id(), Relation.expression(CommonTableExpressions.name(input.name()), engine.style()));
        }
        References references = reference -> {
            Relation relation = given.get(compiler.id(tested, reference));
            if (relation == null) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "unit test '" + document.get("name") + "' gives no rows of " + reference + ", which "
                                + tested.source().title() + " reads: add an entry with input: " + reference
                                + " to 'given'");
            }
            return relation;
        };
        Relation self = given.getOrDefault(THIS, compiler.relation(tested, engine));
        return CommonTableExpressions.prepend(rows, compiler.compile(tested, self, references, overrides(document)));
    }

    private Input input(String written, ParsedNode tested, NodeCompiler compiler, Databases live) {
        Engine engine = Engine.of(tested.output().type());
        if (written.strip().equals(THIS)) {
            return new Input(THIS, tested.relation().name(), compiler.relation(tested.uniqueId(), engine));
        }
        List<Reference> found = new ArrayList<>();
        Relation anything = compiler.relation(tested, engine);
        String unused = rendering(tested, anything, Map.of(), live, reference -> {
                    found.add(reference);
                    return anything;
                })
                .render("{{ " + written + " }}");
        if (found.size() != 1) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "Unit test given inputs must either be a 'ref', 'source' or 'this' call. Got: '" + written + "'.");
        }
        String id = compiler.id(tested, found.get(0));
        ParsedNode node = parts.nodes().get(id);
        String name = node == null
                ? String.join("__", found.get(0).names())
                : node.relation().name();
        return new Input(id, name, compiler.relation(id, engine));
    }

    private LiveRendering rendering(
            ParsedNode tested, Relation self, Map<String, Object> model, Databases live, References references) {
        ModelRenderer.Subject subject = new ModelRenderer.Subject(
                tested.source().project(),
                tested.output(),
                Engine.of(tested.output().type()),
                self,
                model,
                Map.of());
        return parts.renderer().live(subject, Map.of(), references, live, Overrides.NONE);
    }

    private String rows(Map<?, ?> fixture, Input input, ParsedNode tested, Databases live) {
        LiveRendering rendering = rendering(
                tested,
                input.relation(),
                Map.of("name", input.name(), "resource_type", "model"),
                live,
                reference -> input.relation());
        Object rows = fixture.get("rows");
        if (rows instanceof String sql) {
            return rendering.render(sql).strip();
        }
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("rows", rows == null ? List.of() : rows);
        arguments.put("column_name_to_data_types", None.NONE);
        return String.valueOf(rendering.call(macro(rendering, "get_fixture_sql"), arguments))
                .strip();
    }

    private static MacroDefinition macro(LiveRendering rendering, String name) {
        return rendering.macro(name).orElseThrow(() -> new IllegalStateException(name));
    }

    private static Overrides overrides(Map<String, @Nullable Object> document) {
        return new Overrides(
                overrides(document, "macros"), overrides(document, "vars"), overrides(document, "env_vars"));
    }

    private static Map<String, @Nullable Object> overrides(Map<String, @Nullable Object> document, String kind) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        if (document.get("overrides") instanceof Map<?, ?> overrides && overrides.get(kind) instanceof Map<?, ?> some) {
            some.forEach((name, value) -> values.put(String.valueOf(name), value));
        }
        return values;
    }

    /**
     * Runs a compiled test.
     *
     * @return the actual and the expected rows, told apart by the column {@code actual_or_expected}
     * @throws FreshetException with the database's or the template's message
     */
    public LiveRendering.Result run(String uniqueId, String sql, Databases live) {
        Map<String, @Nullable Object> document = document(uniqueId);
        ParsedNode tested = tested(document);
        Map<String, Object> model = new LinkedHashMap<>();
        document.forEach((key, value) -> model.put(key, value == null ? None.NONE : value));
        Object expected = ((Map<?, ?>) document.getOrDefault("expect", Map.of())).get("rows");
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        config.put("materialized", "unit");
        config.put("expected_rows", expected instanceof String ? List.of() : expected);
        config.put("expected_sql", expected instanceof String text ? text : null);
        config.put("contract", Map.of("enforced", false));
        NodeCompiler compiler = parts.compiler().apply(live);
        Engine engine = Engine.of(tested.output().type());
        ModelRenderer.Subject subject = new ModelRenderer.Subject(
                tested.source().project(), tested.output(), engine, compiler.relation(tested, engine), model, Map.of());
        LiveRendering rendering = parts.renderer()
                .live(
                        subject,
                        config,
                        reference -> compiler.relation(compiler.id(tested, reference), engine),
                        live,
                        Overrides.NONE)
                .with("sql", sql)
                .with("compiled_code", sql)
                .withWrite(text -> TargetFiles.write(parts.files().of(TargetFiles.Kind.RUN, document), text));
        String adapter = tested.output().type();
        Object unused = rendering.call(
                parts.renderer().materialization("unit", adapter).orElseThrow(() -> new IllegalStateException("unit")),
                Map.of());
        return rendering
                .result("main")
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER, "the materialization 'unit' runs no statement called 'main', which it must"));
    }
}

package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or one of dbt's blocks that work like one, as written in a file. Immutable.
 *
 * <p>Called through an environment's macro namespace it sees, as in dbt, the environment and the context of the rendering, and neither its file's nor its caller's variables.
 */
public final class MacroDefinition implements JinjaFunction, JinjaObject {

    /** What kind of block it is. */
    public enum Kind {
        MACRO("macro"),
        TEST("test"),
        DATA_TEST("data_test"),
        MATERIALIZATION("materialization"),
        SNAPSHOT("snapshot"),
        DOCS("docs"),
        /** The body of a {@code {% call %}} block; never listed by {@link JinjaTemplate#macros}. */
        CALLER("call");

        private final String tag;

        Kind(String tag) {
            this.tag = tag;
        }

        /** The tag that opens the block. */
        public String tag() {
            return tag;
        }
    }

    /** A parameter, and whether it may be left out. */
    public record Parameter(String name, boolean isOptional) {}

    record Declaration(String name, @Nullable Expression defaultValue) {}

    /** The block as written, and what is between its tags. */
    record Text(String source, String contents) {}

    private final Kind kind;
    private final String name;
    private final String adapter;
    private final List<Declaration> declarations;
    private final Set<SpecialNames.Special> specials;
    private final boolean declaresCaller;
    private final Statement.Body body;
    private final SourceLocation location;
    private final Text text;

    MacroDefinition(
            Kind kind,
            String name,
            String adapter,
            List<Declaration> declarations,
            Set<SpecialNames.Special> specials,
            Statement.Body body,
            SourceLocation location,
            Text text) {
        this.kind = kind;
        this.name = name;
        this.adapter = adapter;
        this.declarations = List.copyOf(declarations);
        this.specials = specials;
        this.declaresCaller =
                declarations.stream().anyMatch(declaration -> declaration.name().equals("caller"));
        this.body = body;
        this.location = location;
        this.text = text;
    }

    public Kind kind() {
        return kind;
    }

    /** The name as written. */
    public String name() {
        return name;
    }

    /** The name under which dbt files it: {@code test_x}, {@code materialization_x_default}, and a macro's own name. */
    public String uniqueName() {
        return switch (kind) {
            case TEST, DATA_TEST -> "test_" + name;
            case MATERIALIZATION -> "materialization_" + name + "_" + adapter;
            case SNAPSHOT -> "snapshot_" + name;
            case DOCS -> "dbt_docs__" + name;
            default -> name;
        };
    }

    /** For a materialization the adapter it is for, {@code default} when for all. */
    public Optional<String> adapter() {
        return kind == Kind.MATERIALIZATION ? Optional.of(adapter) : Optional.empty();
    }

    public List<Parameter> parameters() {
        return declarations.stream()
                .map(declaration -> new Parameter(declaration.name(), declaration.defaultValue() != null))
                .toList();
    }

    /** Where the block starts. */
    public SourceLocation location() {
        return location;
    }

    /** The whole block as written, with its tags. */
    public String source() {
        return text.source();
    }

    /** What is between the tags, as written. */
    public String contents() {
        return text.contents();
    }

    /** What is between the tags as a template of its own, with the file's line numbers: a snapshot's query, a docs block's text. */
    public JinjaTemplate template() {
        return new JinjaTemplate(location.file(), text.contents(), body, List.of());
    }

    Statement.Body bodyStatements() {
        return body;
    }

    boolean isCaller() {
        return kind == Kind.CALLER;
    }

    String describe() {
        return isCaller() ? "the body of a call block" : kind.tag() + " '" + name + "'";
    }

    /** Sets the parameters that the call gives a value. */
    void bind(Frame frame, List<Object> arguments, Map<String, Object> keywords) {
        Map<String, Object> others = new LinkedHashMap<>(keywords);
        int given = Math.min(arguments.size(), declarations.size());
        for (int i = 0; i < given; i++) {
            frame.scope().set(declarations.get(i).name(), arguments.get(i));
        }
        for (int i = given; i < declarations.size(); i++) {
            Object value = others.remove(declarations.get(i).name());
            if (value != null) {
                frame.scope().set(declarations.get(i).name(), value);
            }
        }
        if (specials.contains(SpecialNames.Special.CALLER) && !declaresCaller) {
            Object caller = others.remove("caller");
            frame.scope()
                    .set(
                            "caller",
                            caller != null && caller != None.NONE
                                    ? caller
                                    : Undefined.because(
                                            "'caller' is undefined: the macro was not called by a call block"));
        }
        if (specials.contains(SpecialNames.Special.KWARGS)) {
            frame.scope().set("kwargs", others);
        } else if (!others.isEmpty()) {
            throw new PythonError(surplusKeyword(others.keySet().iterator().next(), given));
        }
        if (specials.contains(SpecialNames.Special.VARARGS)) {
            frame.scope().set("varargs", new Tuple(arguments.subList(given, arguments.size())));
        } else if (arguments.size() > declarations.size()) {
            throw new PythonError(describe() + " takes not more than " + declarations.size() + " argument(s), "
                    + arguments.size() + " are given");
        }
    }

    private String surplusKeyword(String keyword, int given) {
        if (keyword.equals("caller")) {
            return describe() + " takes no call block: its body never uses caller()";
        }
        List<String> names = declarations.stream().map(Declaration::name).toList();
        int position = names.indexOf(keyword);
        return position >= 0 && position < given
                ? describe() + " got two values for argument '" + keyword + "'"
                : describe() + " takes no keyword argument '" + keyword + "'" + Suggestions.among(keyword, names);
    }

    /** Evaluates the defaults of the parameters that are still without a value; they see those before them. */
    void bindDefaults(Frame frame) {
        List<Declaration> missing = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (!frame.hasOwn(declaration.name())) {
                missing.add(declaration);
                frame.scope()
                        .set(
                                declaration.name(),
                                Undefined.because("parameter '" + declaration.name() + "' was not provided"));
            }
        }
        for (Declaration declaration : missing) {
            if (declaration.defaultValue() != null) {
                frame.scope().set(declaration.name(), declaration.defaultValue().evaluate(frame));
            }
        }
    }

    @Override
    public Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        return ((Rendering) context.access()).invoke(this, Scope.root(), arguments, keywords);
    }

    @Override
    public Object attribute(String attribute) {
        return switch (attribute) {
            case "name" -> name;
            case "arguments" ->
                new Tuple(new ArrayList<>(
                        declarations.stream().map(Declaration::name).toList()));
            case "catch_kwargs" -> specials.contains(SpecialNames.Special.KWARGS);
            case "catch_varargs" -> specials.contains(SpecialNames.Special.VARARGS);
            case "caller" -> specials.contains(SpecialNames.Special.CALLER);
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public String text() {
        return "<Macro " + PythonValues.repr(name) + ">";
    }

    @Override
    public String typeName() {
        return "Macro";
    }

    @Override
    public String toString() {
        return describe() + " at " + location;
    }
}

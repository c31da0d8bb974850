package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A parsed template. Immutable and thread-safe: parse once, render as often as needed. */
public final class JinjaTemplate {

    /** dbt hands text without any of these to no renderer at all, so that it stays as it is to the last newline. */
    private static final Pattern TAGS = Pattern.compile("\\{[{%#]|[#}%]}");

    private final String name;
    private final String source;
    private final Statement.Body body;
    private final List<MacroDefinition> macros;

    JinjaTemplate(String name, String source, Statement.Body body, List<MacroDefinition> macros) {
        this.name = name;
        this.source = source;
        this.body = body;
        this.macros = List.copyOf(macros);
    }

    /**
     * @param name the file relative to the project, for messages
     * @throws JinjaException if the template cannot be parsed
     */
    public static JinjaTemplate parse(String name, String source) {
        try {
            StatementParser parser = new StatementParser(name, new Lexer(name, source));
            return new JinjaTemplate(name, source, parser.parse(), parser.definitions());
        } catch (StackOverflowError e) {
            throw new JinjaException(new SourceLocation(name, 1), "the template is nested too deeply to be parsed");
        }
    }

    public String name() {
        return name;
    }

    /** The macros and dbt's blocks defined at top level, in the order of the file. */
    public List<MacroDefinition> macros() {
        return macros;
    }

    /**
     * Renders to text.
     *
     * @param context what this rendering adds to the environment; values as {@link JinjaFunction} may return them
     * @throws JinjaException with file, line and macro stack
     */
    public String render(JinjaEnvironment env, Map<String, Object> context) {
        return render(env, context, macro -> {});
    }

    /**
     * Like {@link #render(JinjaEnvironment, Map)}.
     *
     * @param called told of each macro that the template itself calls, not of those that macros call
     */
    public String render(JinjaEnvironment env, Map<String, Object> context, Consumer<MacroDefinition> called) {
        if (!TAGS.matcher(source).find()) {
            return source;
        }
        TextOutput out = new TextOutput();
        new Rendering(env, context, called).run(name, body, out);
        return out.toString();
    }

    /**
     * Renders to a value, as dbt renders its YAML files: a single expression gives its value, anything else text.
     *
     * @throws JinjaException with file, line and macro stack
     */
    public Object renderNative(JinjaEnvironment env, Map<String, Object> context) {
        NativeOutput out = new NativeOutput();
        new Rendering(env, context).run(name, body, out);
        try {
            return out.result();
        } catch (PythonError e) {
            throw new JinjaException(new SourceLocation(name, 1), String.valueOf(e.getMessage()));
        }
    }
}

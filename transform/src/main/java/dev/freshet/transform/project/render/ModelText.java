package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The template of a model. dbt strips a file's outer space before it renders; here the leading space is parsed too and taken off the result, so
 * that errors carry the line of the file.
 */
public final class ModelText {

    private final JinjaTemplate template;
    private final String raw;
    private final String leading;

    private ModelText(JinjaTemplate template, String raw, String leading) {
        this.template = template;
        this.raw = raw;
        this.leading = leading;
    }

    /** @throws dev.freshet.transform.jinja.JinjaException when it can't be parsed */
    public static ModelText parse(String file, String content) {
        String raw = content.strip();
        String leading =
                content.substring(0, content.length() - content.stripLeading().length());
        return new ModelText(JinjaTemplate.parse(file, leading + raw), raw, leading);
    }

    /** The text of nodes that have none, such as seeds. */
    public static final ModelText EMPTY = parse("", "");

    /** A template that stands for a line of another file, such as a test's. */
    public static ModelText at(String file, int line, String raw) {
        String leading = "\n".repeat(line - 1);
        return new ModelText(JinjaTemplate.parse(file, leading + raw), raw, leading);
    }

    /** What is between the tags of a block. */
    public static ModelText block(JinjaTemplate template, String contents) {
        return new ModelText(template, contents, "");
    }

    /** The text as dbt keeps it, {@code raw_code}. */
    public String raw() {
        return raw;
    }

    String render(JinjaEnvironment environment, Map<String, Object> context, Consumer<MacroDefinition> called) {
        String text = template.render(environment, context, called);
        boolean isTrimmed = raw.startsWith("{%-") || raw.startsWith("{{-") || raw.startsWith("{#-");
        return isTrimmed ? text : text.substring(leading.length());
    }
}

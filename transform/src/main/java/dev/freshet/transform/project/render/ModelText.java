package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The template of a model. dbt strips a file's outer space before it renders; here the leading space is parsed too and taken off the result, so
 * that errors carry the line of the file. Used by one thread.
 */
public final class ModelText {

    private final String file;
    private final String raw;
    private final String leading;
    private final String place;
    private @Nullable JinjaTemplate template;

    private ModelText(String file, String raw, String leading, String place, @Nullable JinjaTemplate template) {
        this.file = file;
        this.raw = raw;
        this.leading = leading;
        this.place = place;
        this.template = template;
    }

    /** Not parsed yet: that happens with the first rendering. */
    public static ModelText parse(String file, String content) {
        String raw = content.strip();
        String leading =
                content.substring(0, content.length() - content.stripLeading().length());
        return new ModelText(file, raw, leading, file + ":" + lines(leading), null);
    }

    private static long lines(String leading) {
        return leading.chars().filter(character -> character == '\n').count();
    }

    /** The text of nodes that have none, such as seeds. */
    public static final ModelText EMPTY = new ModelText("", "", "", "", JinjaTemplate.parse("", ""));

    /** A template that stands for a line of another file, such as a test's. */
    public static ModelText at(String file, int line, String raw) {
        String leading = "\n".repeat(line - 1);
        return new ModelText(file, raw, leading, file + ":" + (line - 1), null);
    }

    /**
     * What is between the tags of a block.
     *
     * @param whole a checksum of the file that it is part of
     */
    public static ModelText block(JinjaTemplate template, String contents, String whole) {
        return new ModelText(template.name(), contents, "", template.name() + ":" + whole, template);
    }

    /** The text as dbt keeps it, {@code raw_code}. */
    public String raw() {
        return raw;
    }

    /** Where it is written: with the raw text, all that a rendering can show of it. */
    String place() {
        return place;
    }

    private JinjaTemplate template() {
        if (template == null) {
            template = JinjaTemplate.parse(file, leading + raw);
        }
        return template;
    }

    /** @throws dev.freshet.transform.jinja.JinjaException when it can't be parsed or rendered */
    String render(JinjaEnvironment environment, Map<String, Object> context, Consumer<MacroDefinition> called) {
        String text = template().render(environment, context, called);
        boolean isTrimmed = raw.startsWith("{%-") || raw.startsWith("{{-") || raw.startsWith("{#-");
        return isTrimmed ? text : text.substring(leading.length());
    }
}

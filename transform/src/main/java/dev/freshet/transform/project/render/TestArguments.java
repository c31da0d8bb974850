package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The arguments of a generic test: texts are templates, and a text that looks like a call of {@code ref} or {@code source} is one. */
final class TestArguments {

    /** What the test's own template calls them. */
    static final String NAME = "_dbt_generic_test_kwargs";

    private static final Pattern CALL = Pattern.compile("(?s)\\s*(env_var|ref|var|source|doc)\\s*\\(.+\\)\\s*");

    private TestArguments() {}

    static Map<String, Object> rendered(
            Map<String, @Nullable Object> arguments, JinjaEnvironment templates, Map<String, Object> context) {
        Map<String, Object> rendered = new LinkedHashMap<>();
        arguments.forEach((name, value) -> {
            if (name.equals("column_name") && value instanceof String column) {
                rendered.put(name, JinjaTemplate.parse("column_name", column).render(templates, context));
            } else {
                rendered.put(name, rendered(value, templates, context));
            }
        });
        return rendered;
    }

    private static Object rendered(@Nullable Object value, JinjaEnvironment templates, Map<String, Object> context) {
        if (value instanceof String text) {
            String template = CALL.matcher(text).matches() ? "{{ " + text + " }}" : text;
            return JinjaTemplate.parse("arguments of a test", template).renderNative(templates, context);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> all = new LinkedHashMap<>();
            map.forEach((key, item) -> all.put(String.valueOf(key), rendered(item, templates, context)));
            return all;
        }
        if (value instanceof List<?> list) {
            List<Object> all = new ArrayList<>();
            list.forEach(item -> all.add(rendered(item, templates, context)));
            return all;
        }
        return value == null ? dev.freshet.transform.jinja.None.NONE : value;
    }
}

package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.None;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The macros that a project overrides to name its relations. */
public enum NamingMacro {
    SCHEMA("generate_schema_name"),
    ALIAS("generate_alias_name"),
    DATABASE("generate_database_name");

    private final JinjaTemplate call;

    NamingMacro(String macro) {
        call = JinjaTemplate.parse(macro, "{{ " + macro + "(custom_name, node) }}");
    }

    String call(
            TemplateEnvironment templates,
            String packageName,
            Map<String, Object> context,
            Optional<String> custom,
            Map<String, Object> node) {
        Map<String, Object> values = new HashMap<>(context);
        values.put("custom_name", custom.isPresent() ? custom.get() : None.NONE);
        values.put("node", node);
        return call.render(templates.naming(packageName), values).strip();
    }
}

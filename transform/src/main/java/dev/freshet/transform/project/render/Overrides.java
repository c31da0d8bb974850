package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.project.config.Variables;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a unit test says instead of the project: what macros give, variables, the environment.
 *
 * @param macros by {@code name} or {@code package.name}, what each call gives
 * @param environment by name
 */
public record Overrides(
        Map<String, @Nullable Object> macros,
        Map<String, @Nullable Object> variables,
        Map<String, @Nullable Object> environment) {

    public static final Overrides NONE = new Overrides(Map.of(), Map.of(), Map.of());

    public Overrides {
        macros = new LinkedHashMap<>(macros);
        variables = new LinkedHashMap<>(variables);
        environment = new LinkedHashMap<>(environment);
    }

    JinjaEnvironment applied(JinjaEnvironment templates) {
        Map<String, Object> replaced = new LinkedHashMap<>();
        macros.forEach((name, value) ->
                replaced.put(name, (JinjaFunction) (context, arguments, keywords) -> PythonValues.fromHost(value)));
        return templates.replacing(replaced);
    }

    /** @param known what {@code var} sees otherwise */
    void applyTo(Map<String, Object> context, Variables known) {
        if (!variables.isEmpty()) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>(known.values());
            values.putAll(variables);
            context.put("var", new VarFunction(new Variables(values), name -> {}));
        }
        if (!environment.isEmpty() && context.get("env_var") instanceof JinjaFunction real) {
            context.put("env_var", (JinjaFunction) (call, arguments, keywords) -> {
                Object name = arguments.isEmpty() ? keywords.get("name") : arguments.get(0);
                Object value = environment.get(String.valueOf(name));
                return value == null ? real.call(call, arguments, keywords) : value.toString();
            });
        }
    }
}

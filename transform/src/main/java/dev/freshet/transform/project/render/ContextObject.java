package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.Undefined;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code context}: macros and the context's members by name. */
record ContextObject(JinjaEnvironment environment, Map<String, Object> members) implements JinjaObject {

    @Override
    public @Nullable Object attribute(String name) {
        return name.equals("get")
                ? JinjaFunction.of("get", "name, default=None", (context, arguments) -> {
                    Object found = item(arguments.string(0));
                    return found == Undefined.UNDEFINED ? arguments.value(1) : found;
                })
                : item(name);
    }

    @Override
    public @Nullable Object item(Object key) {
        Optional<MacroDefinition> macro = environment.macro(String.valueOf(key));
        return macro.isPresent() ? macro.get() : members.getOrDefault(String.valueOf(key), Undefined.UNDEFINED);
    }

    @Override
    public String text() {
        return "<context>";
    }

    @Override
    public String typeName() {
        return "context";
    }
}

package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.config.Variables;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code var('name', default)} and {@code var.has_var('name')}.
 *
 * @param read told of each name that is asked for
 */
record VarFunction(Variables variables, Consumer<String> read) implements JinjaObject, JinjaFunction {

    private static final Signature VAR = Signature.of("var", "name, *default");
    private static final Signature VAR_NAMED = Signature.of("var", "name, default");
    private static final Signature HAS_VAR = Signature.of("var.has_var", "name");

    @Override
    public @Nullable Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        boolean hasDefault = arguments.size() > 1 || keywords.containsKey("default");
        String name = (hasDefault ? VAR_NAMED : VAR).bind(arguments, keywords).string(0);
        read.accept(name);
        if (variables.has(name)) {
            return variables.value(name);
        }
        if (hasDefault) {
            return VAR_NAMED.bind(arguments, keywords).value(1);
        }
        throw context.error(variables.missing(name));
    }

    @Override
    public @Nullable Object attribute(String name) {
        return name.equals("has_var")
                ? (JinjaFunction) (context, arguments, keywords) -> {
                    String asked = HAS_VAR.bind(arguments, keywords).string(0);
                    read.accept(asked);
                    return variables.has(asked);
                }
                : Undefined.UNDEFINED;
    }

    @Override
    public String text() {
        return "<var>";
    }

    @Override
    public String typeName() {
        return "var";
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of("has_var");
    }
}

package dev.freshet.transform.project.render;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions that see the whole context of a node: {@code context} itself, {@code render}, {@code try_or_compiler_error}, and what is left. */
final class ContextFunctions {

    private static final String METADATA_PREFIX = "DBT_ENV_CUSTOM_ENV_";

    private ContextFunctions() {}

    /** @param context completed by them; it has to stay the one that the node is rendered with */
    static void addTo(Map<String, Object> context, JinjaEnvironment macros) {
        context.put("context", new WholeContext(context, macros));
        context.put("render", JinjaFunction.of("render", "string", (call, arguments) -> JinjaTemplate.parse(
                        call.location().file(), arguments.string(0))
                .render(macros, context)));
        context.put("try_or_compiler_error", (JinjaFunction) ContextFunctions::attempt);
        context.put(
                "diff_of_two_dicts",
                JinjaFunction.of(
                        "diff_of_two_dicts",
                        "dict_a, dict_b",
                        (call, arguments) ->
                                difference(dictionary(call, arguments, 0), dictionary(call, arguments, 1))));
        context.put("thread_id", "MainThread");
    }

    /** The environment variables that a manifest and templates may show, without their prefix. */
    static Map<String, Object> metadata(Map<String, String> environment) {
        Map<String, Object> shown = new LinkedHashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(METADATA_PREFIX)) {
                shown.put(name.substring(METADATA_PREFIX.length()), value);
            }
        });
        return shown;
    }

    private static @Nullable Object attempt(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        if (arguments.size() < 2) {
            throw context.error("try_or_compiler_error() needs a message and a function to call");
        }
        try {
            return context.call(arguments.get(1), arguments.subList(2, arguments.size()), keywords);
        } catch (FreshetException | PythonError ignored) {
            // The message that the template gives is the one that its author wants to be read.
            throw context.error(PythonValues.text(arguments.get(0)));
        }
    }

    private static Map<?, ?> dictionary(CallContext call, Signature.Arguments arguments, int index) {
        if (arguments.value(index) instanceof Map<?, ?> map) {
            return map;
        }
        throw call.error("diff_of_two_dicts() compares dictionaries of lists");
    }

    /** What the first has and the second has not, as the first writes it; upper and lower case are one. */
    private static Map<Object, Object> difference(Map<?, ?> first, Map<?, ?> second) {
        Map<String, Set<String>> known = new LinkedHashMap<>();
        second.forEach((key, values) -> known.put(
                folded(key),
                new LinkedHashSet<>(
                        items(values).stream().map(ContextFunctions::folded).toList())));
        Map<Object, Object> difference = new LinkedHashMap<>();
        first.forEach((key, values) -> {
            Set<String> others = known.get(folded(key));
            if (others == null) {
                difference.put(key, values);
                return;
            }
            List<Object> left = items(values).stream()
                    .filter(value -> !others.contains(folded(value)))
                    .toList();
            if (!left.isEmpty()) {
                difference.put(key, new ArrayList<>(left));
            }
        });
        return difference;
    }

    private static List<Object> items(@Nullable Object values) {
        List<Object> items = new ArrayList<>();
        PythonValues.iterator(PythonValues.fromHost(values)).forEachRemaining(items::add);
        return items;
    }

    private static String folded(@Nullable Object value) {
        return PythonValues.text(PythonValues.fromHost(value)).toLowerCase(Locale.ROOT);
    }

    /** {@code context['name']}, {@code context.get('name')}: values, functions, macros and packages. */
    private record WholeContext(Map<String, Object> values, JinjaEnvironment macros) implements JinjaObject {

        private Object find(Object name) {
            Object value = values.get(String.valueOf(name));
            if (value == null) {
                value = macros.macroOrNamespace(String.valueOf(name));
            }
            return value == null ? Undefined.UNDEFINED : value;
        }

        @Override
        public Object item(Object key) {
            return find(key);
        }

        @Override
        public Object attribute(String name) {
            return name.equals("get")
                    ? JinjaFunction.of("get", "key, default=None", (context, arguments) -> {
                        Object found = find(arguments.value(0));
                        return found instanceof Undefined ? arguments.value(1) : found;
                    })
                    : name.equals("keys")
                            ? (JinjaFunction) (context, arguments, keywords) -> new ArrayList<>(values.keySet())
                            : find(name);
        }

        @Override
        public String text() {
            return "<context>";
        }

        @Override
        public String typeName() {
            return "dict";
        }
    }

    /** {@code store_raw_result}: a result without the adapter's own response. */
    static Map<String, Object> response(Signature.Arguments arguments) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("_message", arguments.isNone(1) ? None.NONE : arguments.value(1));
        response.put("code", arguments.value(2));
        response.put("rows_affected", arguments.value(3));
        return response;
    }
}

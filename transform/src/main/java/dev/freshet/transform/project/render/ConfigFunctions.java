package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code config}: a call configures the model while it is parsed and does nothing afterwards; {@code get} and {@code require} answer once the
 * configuration is complete, and an empty text while parsing, as in dbt.
 */
final class ConfigFunctions implements JinjaObject, JinjaFunction {

    private static final Signature GET = Signature.of("config.get", "name, default=None, validator=None");
    private static final Signature REQUIRE = Signature.of("config.require", "name, validator=None");

    private final BiConsumer<Position, Map<String, @Nullable Object>> capture;
    private final @Nullable Map<String, @Nullable Object> complete;

    private ConfigFunctions(
            BiConsumer<Position, Map<String, @Nullable Object>> capture,
            @Nullable Map<String, @Nullable Object> complete) {
        this.capture = capture;
        this.complete = complete;
    }

    static ConfigFunctions parsing(BiConsumer<Position, Map<String, @Nullable Object>> capture) {
        return new ConfigFunctions(capture, null);
    }

    static ConfigFunctions compiling(NodeConfig config) {
        return new ConfigFunctions((position, values) -> {}, new LinkedHashMap<>(config.values()));
    }

    /** While a node runs: dbt's defaults stand in it, and {@code set} changes it. */
    static ConfigFunctions running(Map<String, @Nullable Object> document) {
        return new ConfigFunctions((position, values) -> {}, new LinkedHashMap<>(document));
    }

    @Override
    public @Nullable Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        if (arguments.size() == 1 && arguments.get(0) instanceof Map<?, ?> dictionary && keywords.isEmpty()) {
            values.putAll(Values.plainMap(dictionary));
        } else if (arguments.isEmpty()) {
            values.putAll(Values.plainMap(keywords));
        } else {
            throw context.error(
                    "config() takes settings by name, such as config(materialized='table'), or one dictionary");
        }
        capture.accept(DbtFunctions.position(context), values);
        return "";
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "get" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    Signature.Arguments bound = GET.bind(arguments, keywords);
                    return answer(config(), bound.string(0), bound.value(1));
                };
            case "require" ->
                (JinjaFunction) (context, arguments, keywords) -> require(
                        context, config(), REQUIRE.bind(arguments, keywords).string(0), "config");
            case "meta_get" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    Signature.Arguments bound = GET.bind(arguments, keywords);
                    return answer(meta(), bound.string(0), bound.value(1));
                };
            case "meta_require" ->
                (JinjaFunction) (context, arguments, keywords) -> require(
                        context, meta(), REQUIRE.bind(arguments, keywords).string(0), "meta");
            case "set" ->
                JinjaFunction.of("config.set", "name, value", (context, arguments) -> {
                    Map<String, @Nullable Object> one = new LinkedHashMap<>();
                    one.put(arguments.string(0), Values.plain(arguments.value(1)));
                    if (complete == null) {
                        capture.accept(DbtFunctions.position(context), one);
                    } else {
                        complete.putAll(one);
                    }
                    return "";
                });
            case "persist_relation_docs" -> (JinjaFunction) (context, arguments, keywords) -> persists("relation");
            case "persist_column_docs" -> (JinjaFunction) (context, arguments, keywords) -> persists("columns");
            default -> Undefined.UNDEFINED;
        };
    }

    private boolean persists(String what) {
        return complete != null
                && complete.get("persist_docs") instanceof Map<?, ?> persisted
                && Boolean.TRUE.equals(persisted.get(what));
    }

    private @Nullable Map<?, ?> config() {
        return complete;
    }

    private @Nullable Map<?, ?> meta() {
        return complete == null ? null : complete.get("meta") instanceof Map<?, ?> meta ? meta : Map.of();
    }

    private static Object answer(@Nullable Map<?, ?> values, String key, Object fallback) {
        if (values == null) {
            return "";
        }
        if (!values.containsKey(key)) {
            return fallback;
        }
        Object value = values.get(key);
        return value == null ? None.NONE : value;
    }

    private static Object require(CallContext context, @Nullable Map<?, ?> values, String key, String where) {
        if (values != null && !values.containsKey(key)) {
            Set<String> known =
                    Set.copyOf(values.keySet().stream().map(String::valueOf).toList());
            throw context.error("the model needs '" + key + "' in its " + where + NearestName.hint(key, known));
        }
        return answer(values, key, None.NONE);
    }

    @Override
    public String text() {
        return "<config>";
    }

    @Override
    public String typeName() {
        return "config";
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of(
                "get", "require", "meta_get", "meta_require", "set", "persist_relation_docs", "persist_column_docs");
    }
}

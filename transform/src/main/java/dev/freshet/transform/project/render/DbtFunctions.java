package dev.freshet.transform.project.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JsonText;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonSet;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.YamlFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** The functions that every template of dbt can call, whatever it renders. */
final class DbtFunctions {

    private static final Logger LOG = LoggerFactory.getLogger("dev.freshet.project.templates");

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Signature ENV_VAR = Signature.of("env_var", "name, default=None");
    private static final String SECRET_PREFIX = "DBT_ENV_SECRET";

    /** By name. */
    static final Map<String, Object> ALL = Collections.unmodifiableMap(all());

    private DbtFunctions() {}

    private static Map<String, Object> all() {
        Map<String, Object> functions = new LinkedHashMap<>();
        put(
                functions,
                "tojson",
                "value, default=None, sort_keys=False",
                arguments -> orElse(
                        arguments.value(1),
                        () -> arguments.isTrue(2)
                                ? JsonText.sorted(arguments.value(0))
                                : JsonText.inOrder(arguments.value(0))));
        put(
                functions,
                "fromjson",
                "string, default=None",
                arguments -> orElse(arguments.value(1), () -> readJson(arguments.string(0))));
        put(
                functions,
                "toyaml",
                "value, default=None, sort_keys=False",
                arguments -> orElse(arguments.value(1), () -> writeYaml(Values.plain(arguments.value(0)))));
        put(
                functions,
                "fromyaml",
                "value, default=None",
                arguments -> orElse(arguments.value(1), () -> YamlFile.parse(arguments.string(0), "fromyaml")
                        .value()));
        put(
                functions,
                "set",
                "value, default=None",
                arguments -> orElse(arguments.value(1), () -> setOf(arguments.value(0))));
        put(functions, "set_strict", "value", arguments -> setOf(arguments.value(0)));
        put(
                functions,
                "zip",
                "*values, default=None",
                arguments -> orElse(arguments.value(0), () -> zip(arguments.rest())));
        put(functions, "zip_strict", "*values", arguments -> zip(arguments.rest()));
        put(functions, "local_md5", "value", arguments -> Digest.md5(arguments.string(0)));
        functions.putAll(output(TemplateOutput.toLog()));
        return functions;
    }

    /** {@code log} and {@code print}. */
    static Map<String, Object> output(TemplateOutput output) {
        Map<String, Object> functions = new LinkedHashMap<>();
        put(functions, "log", "msg, info=False", arguments -> {
            output.say(arguments.isTrue(1) ? TemplateOutput.Kind.INFO : TemplateOutput.Kind.DEBUG, arguments.text(0));
            return "";
        });
        put(
                functions,
                "diff_of_two_dicts",
                "dict_a, dict_b",
                arguments -> difference((Map<?, ?>) arguments.value(0), (Map<?, ?>) arguments.value(1)));
        put(functions, "print", "msg", arguments -> {
            output.say(TemplateOutput.Kind.PRINT, arguments.text(0));
            return "";
        });
        return functions;
    }

    /** The lists of one dictionary without what the other has; names in any case are the same. */
    private static Map<String, Object> difference(Map<?, ?> from, Map<?, ?> without) {
        Map<String, List<String>> known = new LinkedHashMap<>();
        without.forEach((key, values) -> known.put(
                String.valueOf(key).toLowerCase(Locale.ROOT),
                texts(values).stream()
                        .map(text -> text.toLowerCase(Locale.ROOT))
                        .toList()));
        Map<String, Object> left = new LinkedHashMap<>();
        from.forEach((key, values) -> {
            List<String> gone = known.getOrDefault(String.valueOf(key).toLowerCase(Locale.ROOT), List.of());
            List<Object> kept = new ArrayList<>(texts(values).stream()
                    .filter(text -> !gone.contains(text.toLowerCase(Locale.ROOT)))
                    .toList());
            if (!kept.isEmpty()) {
                left.put(String.valueOf(key), kept);
            }
        });
        return left;
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : value == null ? List.of() : List.of(value.toString());
    }

    /** {@code env_var} of profiles.yml and dbt_project.yml: what the environment says, else the default, else an error. */
    static JinjaFunction envVar(Map<String, String> environment) {
        return (context, arguments, keywords) -> envVar(environment, context, ENV_VAR.bind(arguments, keywords));
    }

    /** {@code env_var} everywhere else, where a secret would end up in compiled files. */
    static JinjaFunction envVarWithoutSecrets(Map<String, String> environment) {
        return (context, arguments, keywords) -> {
            Signature.Arguments bound = ENV_VAR.bind(arguments, keywords);
            if (bound.string(0).startsWith(SECRET_PREFIX)) {
                throw context.error("the environment variable '" + bound.string(0)
                        + "' is secret by its name and can be used in profiles.yml and dbt_project.yml only");
            }
            return envVar(environment, context, bound);
        };
    }

    private static String envVar(Map<String, String> environment, CallContext context, Signature.Arguments bound) {
        String name = bound.string(0);
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (!bound.isNone(1)) {
            return bound.text(1);
        }
        String hint = NearestName.hint(name, environment.keySet());
        throw context.error("the environment variable '" + name + "' is not set"
                + (hint.isEmpty() ? ": " : hint + " Otherwise ") + "set it, or give env_var() a default");
    }

    static Position position(CallContext context) {
        return new Position(context.location().file(), context.location().line());
    }

    private interface Body {
        @Nullable
        Object call(Signature.Arguments arguments);
    }

    private static void put(Map<String, Object> functions, String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        functions.put(
                name, (JinjaFunction) (context, arguments, keywords) -> body.call(signature.bind(arguments, keywords)));
    }

    private interface Attempt {
        @Nullable
        Object value();
    }

    /** dbt's own habit: a value that does not fit gives the default, None when none is named. */
    private static @Nullable Object orElse(Object fallback, Attempt attempt) {
        try {
            return attempt.value();
        } catch (PythonError | FreshetException e) {
            LOG.debug("a conversion failed and gives its default", e);
            return fallback;
        }
    }

    private static @Nullable Object readJson(String text) {
        try {
            return JSON.readValue(text, Object.class);
        } catch (JsonProcessingException e) {
            throw new PythonError("this is not JSON: " + e.getOriginalMessage());
        }
    }

    private static PythonSet setOf(Object value) {
        PythonSet set = new PythonSet();
        PythonValues.iterator(value).forEachRemaining(set::add);
        return set;
    }

    private static List<Object> zip(List<Object> values) {
        List<Iterator<Object>> iterators = new ArrayList<>();
        values.forEach(value -> iterators.add(PythonValues.iterator(value)));
        List<Object> rows = new ArrayList<>();
        while (!iterators.isEmpty() && iterators.stream().allMatch(Iterator::hasNext)) {
            rows.add(new Tuple(iterators.stream().map(Iterator::next).toList()));
        }
        return rows;
    }

    private static String writeYaml(@Nullable Object value) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        return new Yaml(options).dump(value);
    }
}

package dev.freshet.transform.project.node;

import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.project.render.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A generic test as a properties file asks for it.
 *
 * @param namespace the package of its macro, empty for the search order
 * @param macro its name, without {@code test_}
 * @param arguments what its macro is called with, {@code model} and {@code column_name} among them
 * @param column the column that it is written under
 * @param attached {@code models.orders}: what it is written under
 * @param target what names are made of: the model's name, or source and table
 * @param isOfSource whether it is written under a source
 * @param customName a name of its own
 * @param config what the test itself configures
 * @param hash what tells two tests of one name apart
 */
public record GenericTest(
        Optional<String> namespace,
        String macro,
        Map<String, @Nullable Object> arguments,
        Optional<String> column,
        String attached,
        String target,
        boolean isOfSource,
        Optional<String> customName,
        Map<String, @Nullable Object> config,
        String hash) {

    /** Longer names are shortened to their beginning and a hash of the whole. */
    private static final int LONGEST = 64;

    private static final int KEPT = 30;
    private static final int HASH = 10;

    public GenericTest {
        arguments = new LinkedHashMap<>(arguments);
        config = new LinkedHashMap<>(config);
    }

    /** With its hash, which takes long enough to be computed once only. */
    public GenericTest hashed() {
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("namespace", namespace.isPresent() ? namespace.get() : "None");
        metadata.put("name", macro);
        metadata.put("kwargs", hashable(arguments));
        String digest = Digest.md5(fullName() + PythonValues.repr(metadata));
        return new GenericTest(
                namespace,
                macro,
                arguments,
                column,
                attached,
                target,
                isOfSource,
                customName,
                config,
                digest.substring(digest.length() - HASH));
    }

    private String kind() {
        return namespace.map(name -> name + "_").orElse("") + (isOfSource ? "source_" : "") + macro;
    }

    /** The name in the unique id and the path. */
    public String fullName() {
        return customName.orElseGet(() -> {
            List<String> parts = new ArrayList<>();
            new TreeMap<>(arguments).forEach((name, value) -> {
                if (!name.equals("model")) {
                    flat(value).forEach(part -> parts.add(part.replaceAll("[^0-9a-zA-Z_]+", "_")));
                }
            });
            return kind() + "_" + target + "_" + String.join("__", parts);
        });
    }

    private static List<String> flat(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.values().stream().map(GenericTest::text).toList();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(GenericTest::text).toList();
        }
        return List.of(text(value));
    }

    /** Python's {@code str()}. */
    private static String text(@Nullable Object value) {
        return PythonValues.text(PythonValues.fromHost(value));
    }

    /** The name of the compiled file, and of the table that holds failures. */
    public String shortName() {
        String full = fullName();
        if (customName.isPresent() || full.length() < LONGEST) {
            return full;
        }
        String start = kind() + "_" + target;
        return start.substring(0, Math.min(KEPT, start.length())) + "_" + Digest.md5(full);
    }

    private static Object hashable(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(String.valueOf(key), hashable(item)));
            return sorted;
        }
        if (value instanceof List<?> list) {
            return new ArrayList<>(list.stream().map(GenericTest::hashable).toList());
        }
        return text(value);
    }

    /** The template that calls the macro. */
    public String rawCode() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>(config);
        if (!shortName().equals(fullName())) {
            settings.putIfAbsent("alias", shortName());
        }
        List<String> written = new ArrayList<>();
        settings.forEach((key, value) -> written.add(key + "="
                + (value instanceof String text
                        ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
                        : PythonValues.repr(PythonValues.fromHost(value)))));
        return "{{ " + namespace.map(name -> name + ".").orElse("") + "test_" + macro
                + "(**_dbt_generic_test_kwargs) }}"
                + (written.isEmpty() ? "" : "{{ config(" + String.join(",", written) + ") }}");
    }
}

package dev.freshet.transform.project.parse;

import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.project.render.Digest;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code state:modified} compares of a unit test. dbt hashes what Python prints of its parts, so this prints them in the same way. */
final class UnitTestChecksum {

    private UnitTestChecksum() {}

    static String of(
            String model,
            YamlMapping written,
            List<Map<String, @Nullable Object>> given,
            Map<String, @Nullable Object> expect) {
        StringBuilder text = new StringBuilder(model).append('-');
        text.append(
                written.get("versions").isEmpty()
                        ? "None"
                        : object("UnitTestNodeVersions", "None", written.mapping("versions"), "include", "exclude"));
        List<String> inputs = new ArrayList<>();
        StringBuilder fixtures = new StringBuilder();
        for (Map<String, @Nullable Object> input : given) {
            inputs.add("UnitTestInputFixture(input=" + printed(input.get("input")) + ", " + rows(input) + ")");
            if (input.get("fixture") != null) {
                fixtures.append('-').append(input.get("rows") instanceof String sql ? sql : printed(input.get("rows")));
            }
        }
        text.append("-[").append(String.join(", ", inputs)).append(']');
        text.append("-UnitTestOutputFixture(").append(rows(expect)).append(')');
        text.append('-')
                .append(
                        written.get("overrides").isEmpty()
                                ? "None"
                                : object(
                                        "UnitTestOverrides",
                                        "{}",
                                        written.mapping("overrides"),
                                        "macros",
                                        "vars",
                                        "env_vars"));
        text.append(fixtures);
        return Digest.sha256(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String rows(Map<String, @Nullable Object> fixture) {
        String format = String.valueOf(fixture.get("format"));
        String name = format.equals("dict") ? "Dict" : format.equals("csv") ? "CSV" : "SQL";
        return "rows=" + printed(fixture.get("rows")) + ", format=<UnitTestFormat." + name + ": '" + format
                + "'>, fixture=" + printed(fixture.get("fixture"));
    }

    private static String object(String type, String absent, YamlMapping written, String... fields) {
        List<String> parts = new ArrayList<>();
        for (String field : fields) {
            parts.add(field + "="
                    + written.get(field).map(node -> printed(node.value())).orElse(absent));
        }
        return type + "(" + String.join(", ", parts) + ")";
    }

    private static String printed(@Nullable Object value) {
        return PythonValues.repr(python(value));
    }

    private static Object python(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(python(key), python(item)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(python(item)));
            return copy;
        }
        return value == null ? None.NONE : PythonValues.fromHost(value);
    }
}

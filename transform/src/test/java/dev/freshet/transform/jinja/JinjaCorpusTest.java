package dev.freshet.transform.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every case of the corpus renders as the real Jinja2 rendered it, or fails where that failed. src/test/jinja/generate.py makes the corpus. */
class JinjaCorpusTest {

    /** Cases known to differ, each with its reason. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "{{ 'abc'.encode('utf8') }}",
            "there are no bytes: SQL is text",
            "{% for a, in [(1,), (2,)] %}{{ a }}{% endfor %}\n",
            "Jinja2 does not see 'in' after a trailing comma; we do");

    @Test
    void rendersAsJinja2Does() throws IOException {
        JinjaEnvironment env = CorpusContext.environment();
        List<String> differences = new ArrayList<>();
        int total = 0;
        int excepted = 0;
        for (Path file : corpus()) {
            JsonNode construct = new ObjectMapper().readTree(file.toFile());
            int right = 0;
            for (JsonNode testCase : construct.get("cases")) {
                String template = testCase.get("template").textValue();
                String difference = difference(env, testCase);
                total++;
                if (difference.isEmpty()) {
                    right++;
                    if (EXCEPTIONS.containsKey(template)) {
                        differences.add("no longer an exception: " + template);
                    }
                } else if (EXCEPTIONS.containsKey(template)) {
                    excepted++;
                } else {
                    differences.add(construct.get("construct").textValue() + ": " + difference);
                }
            }
            System.out.printf(
                    "%-24s %4d of %4d as Jinja2%n",
                    construct.get("construct").textValue(),
                    right,
                    construct.get("cases").size());
        }
        System.out.printf(
                "%-24s %4d of %4d as Jinja2, %d listed exceptions%n",
                "total", total - differences.size() - excepted, total, excepted);
        assertThat(differences).isEmpty();
        assertThat(total).isGreaterThan(500);
        assertThat(excepted).isLessThanOrEqualTo(total / 50);
    }

    private static List<Path> corpus() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/jinja"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static String difference(JinjaEnvironment env, JsonNode testCase) {
        String template = testCase.get("template").textValue();
        String rendered;
        try {
            rendered = JinjaTemplate.parse("models/case.sql", template).render(env, CorpusContext.variables());
        } catch (JinjaException e) {
            return testCase.has("fails")
                    ? ""
                    : template + "\n  expected " + testCase.get("expected") + "\n  but failed: " + e.getMessage();
        } catch (RuntimeException e) {
            return template + "\n  broke with " + e + " at " + e.getStackTrace()[0] + "\n  expected " + testCase;
        }
        if (testCase.has("fails")) {
            return template + "\n  rendered " + PythonValues.repr(rendered) + "\n  but should fail: "
                    + testCase.get("fails").textValue();
        }
        String expected = testCase.get("expected").textValue();
        return expected.equals(rendered)
                ? ""
                : template + "\n  rendered " + PythonValues.repr(rendered) + "\n  expected "
                        + PythonValues.repr(expected);
    }
}

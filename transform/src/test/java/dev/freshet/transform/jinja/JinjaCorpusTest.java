package dev.freshet.transform.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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

    /** What dbt's templates are made of, and how to see it in one. */
    private static final Map<String, String> CONSTRUCTS = constructs();

    private static Map<String, String> constructs() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("for ... if", "\\{%-?\\s*for\\b[^%]*\\bin\\b[^%]*\\bif\\b");
        all.put("for ... else", "(?s)\\{%-?\\s*for\\b(?:(?!\\bif\\b).)*?\\{%-?\\s*else\\s*-?%\\}");
        all.put("not in", "\\bnot in\\b");
        all.put("values of and / or", "\\{\\{[^}]*\\b(and|or)\\b");
        all.put("undefined", "\\b(undefined|missing)\\b");
        all.put("True, None, lists printed", "\\{\\{-?\\s*(\\[|(none|None|true|True|false|False)\\b)");
        all.put("{expr: v}", "\\{[^{%#}'\":]+:");
        all.put("*args", "[(,]\\s*\\*[\\w\\[(]");
        all.put("**kwargs", "[(,]\\s*\\*\\*[\\w{]");
        all.put("% formatting", "['\"] % ");
        all.put("call(n)", "\\{%-?\\s*call\\s*\\(");
        all.put("tuples", "\\([^()]*,\\s*\\)|\\(\\d+, ");
        all.put("operators without spaces", "\\w[+*/%~]\\w|\\d-\\d");
        all.put("macro defaults", "macro \\w+\\([^)]*=");
        all.put("do", "\\{%-?\\s*do\\b");
        all.put("set blocks", "\\{%-?\\s*set \\w+\\s*(\\||-?%\\})");
        all.put("namespace", "namespace\\(");
        all.put("caller", "\\bcaller\\(");
        all.put("return", "\\breturn\\(");
        all.put("adapter.dispatch", "adapter\\.dispatch");
        all.put("loop.*", "\\bloop\\.\\w+");
        all.put("filters", "\\|\\s*\\w+");
        all.put("string methods", "\\.(upper|lower|strip|split|replace|startswith|join|format|title)\\(");
        all.put("list methods", "\\.(append|extend|insert|pop|remove|index|count|sort|reverse|copy|clear)\\(");
        all.put("dict methods", "\\.(items|keys|values|get|update|setdefault|popitem|fromkeys)\\(");
        all.put("modules.datetime", "modules\\.datetime");
        all.put("modules.re", "modules\\.re\\b");
        all.put("modules.itertools", "modules\\.itertools");
        all.put("modules.pytz", "modules\\.pytz");
        return all;
    }

    @Test
    void hasFiveTemplatesForEachConstruct() throws IOException {
        List<String> templates = new ArrayList<>();
        for (Path file : corpus()) {
            new ObjectMapper()
                    .readTree(file.toFile())
                    .get("cases")
                    .forEach(each -> templates.add(each.get("template").textValue()));
        }
        CONSTRUCTS.forEach((construct, expression) -> {
            Pattern pattern = Pattern.compile(expression);
            long count = templates.stream()
                    .filter(template -> pattern.matcher(template).find())
                    .count();
            System.out.printf("%-28s %4d templates%n", construct, count);
            assertThat(count).as(construct).isGreaterThanOrEqualTo(5);
        });
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

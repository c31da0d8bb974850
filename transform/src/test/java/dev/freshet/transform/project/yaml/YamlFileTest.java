package dev.freshet.transform.project.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlFileTest {

    @Test
    void readsYaml11AndKnowsTheLines() {
        YamlMapping file = YamlFile.parse(
                """
                on: yes
                count: 0o7
                octal: 010
                day: 2026-11-20
                none: ~
                list: [1, 2.5, "3"]
                nested:
                  key: value
                """,
                "f.yml");
        assertThat(file.value())
                .containsEntry("on", true)
                .containsEntry("octal", 8L)
                .containsEntry("day", "2026-11-20")
                .containsEntry("none", null)
                .containsEntry("list", List.of(1L, 2.5, "3"))
                .containsEntry("nested", Map.of("key", "value"));
        assertThat(file.mapping("nested").keyPosition("key")).hasToString("f.yml:8");
    }

    @Test
    void resolvesAnchorsAndMergeKeys() {
        YamlMapping file = YamlFile.parse(
                """
                base: &base {host: a, port: 1}
                own:
                  <<: *base
                  port: 2
                """,
                "f.yml");
        assertThat(file.mapping("own").value()).isEqualTo(Map.of("host", "a", "port", 2L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            a: 1\\nb: 2\\na: 3                | f.yml:3: the key 'a' is already on line 1
            a:\\n\\tb: 1                      | f.yml:2: this is not valid YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation) while scanning for the next token; indent with spaces, not tabs
            a: b: c                           | f.yml:1: this is not valid YAML: mapping values are not allowed here; check the indentation of this line and the one above it
            a: {{ x }}b                       | f.yml:1: this is not valid YAML: expected <block end>, but found '<scalar>' while parsing a block mapping; check the indentation of this line and the one above it
            - a                               | f.yml:1: the file must be a mapping ('key: value' lines), not a list
            a: &x [*x]                        | f.yml:1: this anchor contains itself
            """)
    void saysWhatIsWrongAndWhere(String text, String message) {
        assertThatThrownBy(() -> YamlFile.parse(unescape(text), "f.yml"))
                .isInstanceOf(FreshetException.class)
                .hasMessage(message.replace("\\\\t", "\\t"));
    }

    @Test
    void anAnchorExpandedManyTimesStaysSmall() {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 40; i++) {
            text.append("a" + i + ": &a" + i + " [*a" + (i - 1) + ", *a" + (i - 1) + "]\n");
        }
        assertThat(YamlFile.parse(text.toString(), "f.yml").entries()).hasSize(40);
    }

    @Test
    void neverPrintsAValueThatMayBeASecret() {
        YamlMapping file = YamlFile.parse("outputs: hunter2", "profiles.yml");
        assertThatThrownBy(() -> file.mapping("outputs"))
                .hasMessage("profiles.yml:1: 'outputs' must be a mapping ('key: value' lines), not a text");
    }

    @Test
    void aPasswordThatLooksLikeYamlStaysSecret() {
        for (String value : List.of(
                "*hunter2",
                "!hunter2 x",
                "&hunter2 *x",
                "@hunter2",
                "`hunter2",
                "[hunter2",
                "'hunter2",
                "\"hunter2\\q\"",
                "{hunter2: ",
                "%hunter2")) {
            try {
                YamlFile.parse("a:\n  password: " + value + "\n", "profiles.yml");
            } catch (FreshetException e) {
                assertThat(e).as(value).hasMessageStartingWith("profiles.yml:").hasMessageNotContaining("hunter2");
            }
        }
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t");
    }
}

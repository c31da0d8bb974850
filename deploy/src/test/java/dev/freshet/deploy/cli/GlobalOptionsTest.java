package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dbt's global flags: on the command line, and under flags: of dbt_project.yml. */
class GlobalOptionsTest {

    @TempDir
    Path project;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void write() throws IOException {
        file("dbt_project.yml", "name: demo\nprofile: demo\n");
        file(
                "profiles.yml",
                "demo: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:', schema: main, threads: 4}}}\n");
        file("models/m.sql", "select 1 as id");
    }

    private void file(String path, String content) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void warningsBecomeErrors() throws IOException {
        file("models/p.yml", "models: [{name: mm}]\n");
        assertThat(run("parse")).isZero();
        assertThat(output()).contains("Warning  models/p.yml:1: there is no model 'mm' for these properties");
        assertThat(run("parse", "--warn-error")).isEqualTo(1);
        assertThat(output())
                .contains("a warning that --warn-error makes an error (NoNodeForYamlKey): models/p.yml:1: there is no");
        assertThat(run("--warn-error-options", "{error: [NoNodeForYamlKey]}", "parse"))
                .isEqualTo(1);
        assertThat(run("parse", "--warn-error-options", "{error: all, warn: [NoNodeForYamlKey]}"))
                .isZero();
        assertThat(run("parse", "--warn-error-options", "{silence: [NoNodeForYamlKey]}"))
                .isZero();
        assertThat(output()).doesNotContain("for these properties");
        assertThat(run("parse", "--warn-error-options", "{errors: all}")).isEqualTo(1);
        assertThat(output()).contains("must be a mapping with error, warn and silence");
        file("dbt_project.yml", "name: demo\nprofile: demo\nflags: {warn_error: true}\n");
        assertThat(run("parse")).isEqualTo(1);
        assertThat(run("parse", "--no-warn-error")).isZero();
    }

    /** Each name is given to a real warning of its kind. */
    @Test
    void warningsHaveDbtsNames() throws IOException {
        file("dbt_project.yml", "name: demo\nprofile: demo\nmodles: {}\nmodels: {dmo: {+tags: x}}\n");
        file(
                "models/p.yml",
                "models: [{name: mm}, {name: m, columns: [{name: id, tests: [{relationships: {to: ref('x'), field: id}}]}]}]\n");
        file("models/n.sql", "{% do exceptions.warn('careful') %}select 1");
        for (String name : List.of(
                "CustomTopLevelKeyDeprecation",
                "UnusedResourceConfigPath",
                "NoNodeForYamlKey",
                "NodeNotFoundOrDisabled",
                "JinjaLogWarning")) {
            assertThat(run("parse", "--warn-error-options", "{error: [" + name + "]}"))
                    .as(name)
                    .isEqualTo(1);
            assertThat(output()).contains("makes an error (" + name + ")");
        }
        assertThat(run("ls", "-s", "mmm", "--warn-error-options", "{error: [NoNodesForSelectionCriteria]}"))
                .isEqualTo(1);
    }

    @Test
    void theRequiredVersionIsCheckedUnlessToldOtherwise() throws IOException {
        file("dbt_project.yml", "name: demo\nprofile: demo\nrequire-dbt-version: '<1.0.0'\n");
        assertThat(run("parse")).isEqualTo(1);
        assertThat(output()).contains("dbt_project.yml:3: 'demo' is written for dbt <1.0.0");
        assertThat(run("parse", "--no-version-check")).isZero();
        file(
                "dbt_project.yml",
                "name: demo\nprofile: demo\nrequire-dbt-version: '<1.0.0'\nflags: {version_check: false}\n");
        assertThat(run("parse")).isZero();
    }

    @Test
    void templatesPrintAndSeeTheFlags() throws IOException {
        String template = "{% do print('plain') %}{% do log('told', info=true) %}{% do log('quiet') %}"
                + "{{ flags.WARN_ERROR }} {{ flags.INTROSPECT }} {{ target.threads }} {{ invocation_args_dict.get('threads', '-') }} {{ flags.WHICH }}";
        assertThat(run("compile", "--threads", "9", "--no-introspect", "--inline", template))
                .isZero();
        assertThat(lines())
                .contains("plain", "12:34:56  told", "False False 9 9 compile")
                .noneMatch(line -> line.contains("quiet"));
        assertThat(run("compile", "--no-print", "--inline", template)).isZero();
        assertThat(lines()).doesNotContain("plain").contains("False True 4 - compile");
        assertThat(run("compile", "--no-introspect", "--inline", "{{ run_query('select 1').rows }}"))
                .isEqualTo(1);
        assertThat(output()).contains("--inline:1");
    }

    @Test
    void linesTakeTheFormAndTheLevelThatIsAskedFor() throws IOException {
        assertThat(run("parse", "--log-format", "json")).isZero();
        JsonNode first = new ObjectMapper().readTree(lines().get(0)).path("info");
        assertThat(first.path("level").asText()).isEqualTo("info");
        assertThat(first.path("msg").asText()).startsWith("Running with freshet=");
        assertThat(first.path("ts").asText()).isEqualTo("2026-11-20T12:34:56Z");
        assertThat(run("--log-format", "debug", "parse")).isZero();
        assertThat(lines().get(0)).startsWith("12:34:56 [info]  Running with");
        file("models/p.yml", "models: [{name: mm}]\n");
        assertThat(run("parse", "--log-level", "warn")).isZero();
        assertThat(lines()).hasSize(1).allMatch(line -> line.contains("Warning"));
        assertThat(run("parse", "--log-level", "error")).isZero();
        assertThat(lines()).isEmpty();
        assertThat(run("parse", "--use-colors")).isZero();
        assertThat(output()).contains("\u001b[33mWarning\u001b[0m");
        assertThat(run("parse", "--log-level", "loud")).isEqualTo(2);
    }

    @Test
    void artifactsAndLogsGoWhereTheyAreSent() throws IOException {
        assertThat(run(
                        "compile",
                        "--target-path",
                        "out/here",
                        "--log-path",
                        project.resolve("mylogs").toString()))
                .isZero();
        assertThat(project.resolve("out/here/compiled/demo/models/m.sql")).hasContent("select 1 as id");
        assertThat(project.resolve("out/here/manifest.json")).exists();
        assertThat(project.resolve("mylogs/freshet.log")).exists();
        assertThat(project.resolve("target")).doesNotExist();
    }

    private int run(String... line) {
        printed.reset();
        List<String> arguments = new ArrayList<>(List.of(line));
        arguments.addAll(List.of("--project-dir", project.toString()));
        return FreshetCommand.run(
                new Terminal(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        Clock.fixed(Instant.parse("2026-11-20T12:34:56Z"), ZoneOffset.UTC),
                        ZoneOffset.UTC,
                        false),
                arguments.toArray(String[]::new));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private List<String> lines() {
        return output().lines().toList();
    }
}

package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.cli.terminal.Version;
import dev.freshet.deploy.demo.DemoProject;
import java.io.ByteArrayOutputStream;
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

/** What a person reads when they type something, right or wrong. */
class CommandLineTest {

    @TempDir
    Path project;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void copyTheProject() {
        DemoProject.copyTo(project);
    }

    @Test
    void parseFindsTheProject() {
        assertThat(run("parse")).isZero();
        assertThat(output())
                .contains("12:34:56  Running with freshet=" + Version.FRESHET)
                .contains("12:34:56  Found 11 models, 7 sources in project 'shop_demo', default output 'warehouse'");
    }

    @Test
    void keepsRenderingsUnlessToldNotTo() {
        Path kept = project.resolve("target/partial_parse.freshet");
        assertThat(run("parse", "--no-partial-parse")).isZero();
        assertThat(kept).doesNotExist();
        assertThat(run("parse")).isZero();
        assertThat(kept).isNotEmptyFile();
        assertThat(run("compile", "-s", "open_orders", "--partial-parse")).isZero();
        assertThat(output()).contains("from \"shop.public\".\"orders\" as o");
    }

    @Test
    void compileOfOneModelPrintsIt() {
        assertThat(run("compile", "-s", "open_orders")).isZero();
        assertThat(output())
                .contains("Compiled node 'open_orders' is:")
                .contains("from \"shop.public\".\"orders\" as o");
    }

    @Test
    void aTypoInARefNamesFileLineAndTheNearestName() throws Exception {
        Path model = project.resolve("models/marts/customer_value.sql");
        Files.writeString(model, Files.readString(model).replace("ref('order_summary')", "ref('order_sumary')"));
        assertThat(run("parse")).isEqualTo(1);
        assertThat(output())
                .contains(
                        "models/marts/customer_value.sql:12: model 'customer_value' depends on a node named 'order_sumary'"
                                + " which was not found; did you mean 'order_summary'?")
                .doesNotContain("\tat ");
    }

    @Test
    void aDirectoryWithoutAProjectSaysWhatToDo() throws Exception {
        Path empty = Files.createDirectory(project.resolve("empty"));
        Files.delete(project.resolve("dbt_project.yml"));
        assertThat(FreshetCommand.run(terminal(), "parse", "--project-dir", empty.toString()))
                .isEqualTo(1);
        assertThat(output()).contains("dbt_project.yml").contains("--project-dir");
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(FreshetCommand.run(terminal(), "pasre")).isEqualTo(2);
        assertThat(run("parse", "--no-such-option")).isEqualTo(2);
        assertThat(run("parse", "--vars", "[1]")).isEqualTo(1);
    }

    @Test
    void anUnreachableSourceNamesHostAndOutput() throws Exception {
        Path profiles = project.resolve("profiles.yml");
        Files.writeString(profiles, Files.readString(profiles).replaceAll("'5432'\\) \\| int", "'1') | int"));
        assertThat(run("debug")).isEqualTo(1);
        assertThat(output())
                .contains("source crm (postgres)")
                .contains("ERROR")
                .contains("localhost")
                .doesNotContain("\tat ");
        assertThat(run("serve")).isEqualTo(1);
        assertThat(output()).contains("'crm'").doesNotContain("\tat ");
    }

    private int run(String command, String... more) {
        List<String> line = new ArrayList<>(List.of(command, "--project-dir", project.toString()));
        line.addAll(List.of(more));
        return FreshetCommand.run(terminal(), line.toArray(String[]::new));
    }

    private Terminal terminal() {
        return new Terminal(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                Clock.fixed(Instant.parse("2026-11-20T12:34:56Z"), ZoneOffset.UTC),
                ZoneOffset.UTC,
                false);
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}

package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** list, show and compile on a project whose database is a DuckDB file. */
class ListCommandTest {

    @TempDir
    Path project;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void write() throws IOException {
        file("dbt_project.yml", "name: demo\nprofile: demo\n");
        file(
                "profiles.yml",
                "demo: {target: dev, outputs: {dev: {type: duckdb, path: '" + project.resolve("dw.duckdb")
                        + "', schema: main}}}\n");
        file("models/marts/fact.sql", "{{ config(tags='nightly', materialized='table') }}select 7 as id, 'x' as name");
        file("models/top.sql", "select * from {{ ref('fact') }}");
        file("analyses/a.sql", "select 1");
        file(
                "models/schema.yml",
                """
                sources: [{name: shop, tables: [{name: orders}]}]
                models: [{name: fact, columns: [{name: id, tests: [unique]}]}]
                exposures: [{name: board, type: dashboard, owner: {name: Ada}, depends_on: [ref('top')]}]
                """);
    }

    private void file(String path, String content) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void listsEveryKindOfNodeAsDbtPrintsThem() {
        assertThat(run("ls", "--quiet")).isZero();
        assertThat(lines())
                .containsExactly(
                        "exposure:demo.board",
                        "demo.marts.fact",
                        "demo.top",
                        "source:demo.shop.orders",
                        "demo.unique_fact_id");
        assertThat(project.resolve("target/manifest.json")).exists();
    }

    @Test
    void listsNamesPathsAndJson() {
        assertThat(run("list", "-q", "--output", "name", "--resource-type", "source", "model"))
                .isZero();
        assertThat(lines()).containsExactly("fact", "top", "shop.orders");
        assertThat(run("list", "-q", "--output", "path", "-s", "fact", "--indirect-selection", "empty"))
                .isZero();
        assertThat(lines()).containsExactly("models/marts/fact.sql");
        assertThat(run("ls", "-q", "--output", "json", "--output-keys", "name config.materialized", "-s", "fact"))
                .isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"name\":\"fact\",\"config.materialized\":\"table\"}",
                        "{\"name\":\"unique_fact_id\",\"config.materialized\":\"test\"}");
        assertThat(run("ls", "-q", "--output", "json", "-s", "top")).isZero();
        assertThat(lines().get(0))
                .startsWith("{\"name\":\"top\",\"resource_type\":\"model\",\"package_name\":\"demo\","
                        + "\"original_file_path\":\"models/top.sql\",\"unique_id\":\"model.demo.top\",\"alias\":\"top\","
                        + "\"config\":{\"enabled\":true")
                .endsWith("\"depends_on\":{\"macros\":[],\"nodes\":[\"model.demo.fact\"]}}");
    }

    @Test
    void narrowsByKind() {
        assertThat(run("ls", "-q", "--resource-type", "all", "--exclude-resource-type", "model", "test"))
                .isZero();
        assertThat(lines()).containsExactly("demo.analysis.a", "exposure:demo.board", "source:demo.shop.orders");
        assertThat(run("ls", "--resource-type", "modle")).isEqualTo(1);
        assertThat(lines().toString()).contains("'modle' is not a resource type; did you mean 'model'?");
    }

    @Test
    void saysWhenNothingIsSelected() {
        assertThat(run("ls", "-s", "tag:nigtly")).isZero();
        assertThat(lines().toString())
                .contains("[WARNING]: the selector 'tag:nigtly' matches no enabled node; did you mean 'nightly'?")
                .contains("[WARNING]: No nodes selected!");
    }

    @Test
    void showsTheFirstRows() {
        assertThat(run("show", "-q", "-s", "fact")).isZero();
        assertThat(lines()).containsExactly("| id | name |", "| -- | ---- |", "|  7 | x    |");
        assertThat(run("show", "-q", "--limit", "2", "--inline", "select i as n from range(10) t(i) order by i desc;"))
                .isZero();
        assertThat(lines()).containsExactly("| n |", "| - |", "| 9 |", "| 8 |");
        assertThat(run(
                        "show",
                        "-q",
                        "--output",
                        "json",
                        "--limit",
                        "-1",
                        "--inline",
                        "select {{ 40 + 2 }} as a, null as b"))
                .isZero();
        assertThat(String.join("", lines())).isEqualTo("{  \"show\" : [ {    \"a\" : 42,    \"b\" : null  } ]}");
    }

    @Test
    void inlineTemplatesReferToNodes() {
        assertThat(run("compile", "-q", "--inline", "select * from {{ ref('fact') }}"))
                .isZero();
        assertThat(lines()).containsExactly("select * from \"dw\".\"main\".\"fact\"");
        assertThat(run("show", "--inline", "select * from {{ ref('fcat') }}")).isEqualTo(1);
        assertThat(lines().toString())
                .contains("depends on a node named 'fcat' which was not found; did you mean 'fact'?");
        assertThat(run("show", "--inline", "select * from {{ ref('fact') }}")).isEqualTo(1);
        assertThat(lines().toString())
                .contains("the inline query can't be shown: ")
                .contains("does not exist");
        assertThat(run("show")).isEqualTo(1);
        assertThat(lines().toString()).contains("name some with --select, or write one with --inline");
    }

    /** Another run's tables are read where the own ones are missing, or, when that is asked for, where they are not selected. */
    @Test
    void defersToAnotherRun() throws Exception {
        assertThat(run("parse", "--target-path", "prod")).isZero();
        Path manifest = project.resolve("prod/manifest.json");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace("\"schema\":\"main\"", "\"schema\":\"prod\"")
                        .replace("\"schema\" : \"main\"", "\"schema\" : \"prod\""));
        String state = project.resolve("prod").toString();
        assertThat(run("compile", "-q", "-s", "top", "--defer", "--state", state))
                .isZero();
        assertThat(lines()).containsExactly("select * from \"dw\".\"prod\".\"fact\"");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + project.resolve("dw.duckdb"));
                Statement statement = connection.createStatement()) {
            statement.execute("create table fact as select 7 as id");
        }
        assertThat(run("compile", "-q", "-s", "top", "--defer", "--state", state))
                .isZero();
        assertThat(lines()).containsExactly("select * from \"dw\".\"main\".\"fact\"");
        assertThat(run("compile", "-q", "-s", "top", "--defer", "--favor-state", "--defer-state", state))
                .isZero();
        assertThat(lines()).containsExactly("select * from \"dw\".\"prod\".\"fact\"");
        assertThat(run("compile", "-q", "-s", "fact", "top", "--defer", "--favor-state", "--state", state))
                .isZero();
        assertThat(project.resolve("target/compiled/demo/models/top.sql"))
                .hasContent("select * from \"dw\".\"main\".\"fact\"");
        assertThat(run("show", "-q", "-s", "top", "--defer")).isEqualTo(1);
        assertThat(lines().toString()).contains("--defer needs the artifacts of another run");
    }

    @Test
    void compilesTestsAndAnalysesToo() {
        assertThat(run("compile", "-q")).isZero();
        assertThat(project.resolve("target/compiled/demo/analyses/a.sql")).hasContent("select 1");
        assertThat(project.resolve("target/compiled/demo/models/schema.yml/unique_fact_id.sql"))
                .content()
                .contains("\"dw\".\"main\".\"fact\"");
    }

    private int run(String... line) {
        printed.reset();
        List<String> arguments = new ArrayList<>(List.of(line));
        arguments.addAll(List.of("--project-dir", project.toString()));
        return FreshetCommand.run(
                new Terminal(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        Clock.systemUTC(),
                        ZoneOffset.UTC,
                        false),
                arguments.toArray(String[]::new));
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }
}

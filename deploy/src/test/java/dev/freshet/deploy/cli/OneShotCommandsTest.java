package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The commands that run nodes, on a project whose database is a DuckDB file. */
class OneShotCommandsTest extends OneShotProject {

    @Test
    void buildPrintsAsDbtDoesAndRetryRunsWhatFailed() throws IOException {
        file("seeds/s.csv", "id\n1\n2\n");
        file("models/a.sql", "{{ config(materialized='table') }} select id from {{ ref('s') }}");
        file("models/b.sql", "select nothing from {{ ref('a') }}");
        file("models/c.sql", "select * from {{ ref('b') }}");
        file("models/m.yml", "models: [{name: a, columns: [{name: id, data_tests: [unique]}]}]");
        assertThat(run("build")).isEqualTo(1);
        assertThat(lines())
                .containsSubsequence(
                        "Concurrency: 1 thread (target='dev')",
                        "1 of 5 START seed file main.s [RUN]",
                        "1 of 5 OK loaded seed file main.s [INSERT 2]",
                        "2 of 5 START sql table model main.a [RUN]",
                        "2 of 5 OK created sql table model main.a [OK]",
                        "3 of 5 START test unique_a_id [RUN]",
                        "3 of 5 PASS unique_a_id [PASS]",
                        "4 of 5 START sql view model main.b [RUN]",
                        "4 of 5 ERROR creating sql view model main.b [ERROR]",
                        "5 of 5 SKIP relation main.c [SKIP]",
                        "Completed with 1 error, 0 partial successes, and 0 warnings:",
                        "Database Error in model b (models/b.sql)",
                        "Done. PASS=3 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=5");
        file("models/b.sql", "select id from {{ ref('a') }}");
        assertThat(run("retry")).isZero();
        assertThat(lines())
                .contains(
                        "1 of 2 OK created sql view model main.b [OK]",
                        "2 of 2 OK created sql view model main.c [OK]",
                        "Completed successfully",
                        "Done. PASS=2 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=2");
        assertThat(run("retry")).isZero();
        assertThat(lines()).anyMatch(line -> line.startsWith("Nothing to do."));
        assertThat(run("test", "-s", "a")).isZero();
        assertThat(lines()).contains("Done. PASS=1 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=1");
    }

    @Test
    void unitTestsArePrintedWithTheirModelAndTheDifference() throws IOException {
        file("models/a.sql", "select 1 as id");
        file("models/b.sql", "select id + 1 as id from {{ ref('a') }}");
        file(
                "models/u.yml",
                """
                unit_tests:
                  - {name: adds, model: b, given: [{input: ref('a'), rows: [{id: 1}]}], expect: {rows: [{id: 2}]}}
                  - {name: fails, model: b, given: [{input: ref('a'), rows: [{id: 1}]}], expect: {rows: [{id: 3}]}}
                """);
        assertThat(run("build")).isEqualTo(1);
        assertThat(lines())
                .containsSubsequence(
                        "1 of 4 START sql view model main.a [RUN]",
                        "2 of 4 START unit_test b::adds [RUN]",
                        "2 of 4 PASS b::adds [PASS]",
                        "3 of 4 START unit_test b::fails [RUN]",
                        "3 of 4 FAIL 1 b::fails [FAIL 1]",
                        "4 of 4 SKIP relation main.b [SKIP]",
                        "Failure in unit_test fails (models/u.yml)",
                        "  actual differs from expected:",
                        "  @@ ,id",
                        "  ---,3",
                        "  +++,2",
                        "Done. PASS=2 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=4");
        assertThat(Files.readString(project.resolve("target/run_results.json")))
                .contains("\"unique_id\":\"unit_test.demo.b.fails\",\"compiled\":null,\"compiled_code\":null");
        file("models/b.sql", "select id + 2 as id from {{ ref('a') }}");
        assertThat(run("test", "-s", "test_type:unit")).isEqualTo(1);
        assertThat(lines()).contains("1 of 2 FAIL 1 b::adds [FAIL 1]", "2 of 2 PASS b::fails [PASS]");
        file("models/b.sql", "select id + 1 as id from {{ ref('a') }}");
        assertThat(run("retry")).isZero();
        assertThat(lines()).contains("1 of 1 PASS b::adds [PASS]");
    }

    @Test
    void exposuresAreNamedAfterWhatTheyShow() throws IOException {
        file("models/a.sql", "select 1 as id");
        file("models/b.sql", "select nothing");
        file(
                "models/x.yml",
                """
                exposures:
                  - {name: weekly, type: dashboard, owner: {name: me}, depends_on: [ref('a')]}
                  - {name: broken, type: dashboard, owner: {name: me}, depends_on: [ref('b')]}
                """);
        assertThat(run("build")).isEqualTo(1);
        assertThat(lines())
                .contains(
                        "1 of 4 OK created sql view model main.a [OK]",
                        "3 of 4 NO-OP exposure weekly [NO-OP]",
                        "4 of 4 SKIP exposure broken [SKIP]",
                        "Done. PASS=1 WARN=0 ERROR=1 SKIP=1 NO-OP=1 TOTAL=4")
                .noneMatch(line -> line.contains("START exposure"));
        assertThat(Files.readString(project.resolve("target/run_results.json"))).contains("\"status\":\"no-op\"");
        assertThat(run("run", "-s", "a")).isZero();
        assertThat(lines()).contains("Done. PASS=1 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=1");
    }

    @Test
    void runOperationCallsAMacro() throws IOException {
        file(
                "macros/m.sql",
                "{% macro fill(name, rows) %}{% do run_query('create table ' ~ name ~ ' as select * from range(' ~ rows ~ ')') %}{% endmacro %}");
        assertThat(run("run-operation", "fill", "--args", "{name: t, rows: 3}")).isZero();
        assertThat(run("show", "--inline", "select count(*) as n from t")).isZero();
        assertThat(lines()).anyMatch(line -> line.matches("\\|\\s*3 \\|"));
        assertThat(run("run-operation", "nothing")).isEqualTo(1);
        assertThat(lines()).anyMatch(line -> line.contains("there is no macro 'nothing'"));
    }
}

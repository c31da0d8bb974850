package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.deploy.cli.options.WindowOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the flags of the commands that run nodes change. */
class OneShotFlagsTest extends OneShotProject {

    private void microbatch(String column) {
        file(
                "models/e.sql",
                "{{ config(materialized='table', event_time='at_time') }} select 1 as id, timestamp '2024-01-01 10:00:00' as at_time"
                        + " union all select 2, timestamp '2024-01-02 10:00:00'");
        file(
                "models/m.sql",
                "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at_time', begin='2024-01-01',"
                        + " batch_size='day') }} select id, at_time, " + column + " as v from {{ ref('e') }}");
    }

    @Test
    void microbatchesArePrintedAsDbtDoesAndRetriedAlone() throws IOException {
        microbatch("case when id = 2 then error('two') else 1 end");
        String[] window = {"run", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-03"};
        assertThat(run(window)).isEqualTo(1);
        assertThat(lines())
                .containsSubsequence(
                        "2 of 2 START sql microbatch model main.m [RUN]",
                        "Batch 1 of 2 START batch 20240101 of main.m [RUN]",
                        "Batch 1 of 2 OK created batch 20240101 of main.m [OK]",
                        "Batch 2 of 2 START batch 20240102 of main.m [RUN]",
                        "Batch 2 of 2 ERROR creating batch 20240102 of main.m [ERROR]",
                        "2 of 2 PARTIALLY created sql microbatch model main.m [PARTIAL SUCCESS (1/2)]",
                        "Completed with 0 errors, 1 partial success, and 0 warnings:",
                        "Partial success in model m (models/m.sql)",
                        "  PARTIAL SUCCESS (1/2)",
                        "Done. PASS=1 WARN=0 ERROR=1 SKIP=0 NO-OP=0 TOTAL=2");
        microbatch("2");
        assertThat(run("retry")).isZero();
        assertThat(lines())
                .containsSubsequence(
                        "Batch 1 of 1 OK created batch 20240102 of main.m [OK]",
                        "1 of 1 OK created sql microbatch model main.m [SUCCESS]",
                        "Done. PASS=1 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=1");
        assertThat(run("show", "--inline", "select sum(id) * 10 + sum(v) as n from {{ ref('m') }}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.matches("\\|\\s*33 \\|"));
    }

    private static WindowOptions windows(@Nullable String sample, @Nullable String start, @Nullable String end) {
        WindowOptions windows = new WindowOptions();
        windows.sample = sample;
        windows.eventTimeStart = start;
        windows.eventTimeEnd = end;
        return windows;
    }

    @Test
    void windowsNeedBothEndsInOrder() throws IOException {
        microbatch("1");
        assertThat(run("build", "--event-time-start", "2024-01-01")).isEqualTo(2);
        assertThatThrownBy(() -> windows(null, null, "2024-01-01").eventTimes())
                .hasMessage(
                        "The flag `--event-time-end` was specified, but `--event-time-start` was not. When specifying"
                                + " `--event-time-end`, you must also specify `--event-time-start`.");
        assertThatThrownBy(() -> windows(null, "2024-01-02", "2024-01-02").eventTimes())
                .hasMessage("Value for `--event-time-start` must be less than `--event-time-end`");
        assertThatThrownBy(() -> windows(null, "2024-01-02", "soon").eventTimes())
                .hasMessageContaining("--event-time-end: 'soon' is no time");
        assertThatThrownBy(() -> windows("3 fortnights", null, null).sample(Instant.EPOCH))
                .hasMessageContaining("Invalid grain size 'fortnights'");
        assertThatThrownBy(() -> windows("{start: 2024-01-01}", null, null).sample(Instant.EPOCH))
                .hasMessageContaining("--sample needs a start and an end");
    }

    @Test
    void emptyAndSampleReadLess() throws IOException {
        microbatch("1");
        file(
                "models/t.sql",
                "{{ config(materialized='table') }} select {{ flags.EMPTY }} as empty, count(*) as n from {{ ref('e') }} as e");
        assertThat(run("run", "-s", "e")).isZero();
        assertThat(run("run", "--empty", "-s", "t")).isZero();
        assertThat(run("show", "--inline", "select 'n=' || n || empty as n from {{ ref('t') }}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("n=0true"));
        assertThat(run("build", "--sample", "{start: 2024-01-02, end: '2024-01-03T00:00:00'}", "-s", "t", "m"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.startsWith("Batch 1 of 1 OK created batch 20240102 of main.m"));
        assertThat(run("show", "--inline", "select 'n=' || n as n from {{ ref('t') }}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("n=1"));
        assertThat(Files.readString(project.resolve("target/run_results.json"))).contains("2024-01-02T00:00:00");
    }

    @Test
    void retryIsLikeTheRunBefore() throws IOException {
        file(
                "models/a.sql",
                "{{ config(materialized='table') }} select {{ var('n') }} as n, {{ var('m', 5) }} as m from {{ ref('e') }}");
        file("models/e.sql", "{{ config(materialized='table') }} select * from nowhere");
        file("macros/m.sql", "{% macro generate_schema_name(name, node) %}{{ var('place', 'main') }}{% endmacro %}");
        assertThat(run("build", "--vars", "{n: 7, place: here}", "--empty", "--threads", "2"))
                .isEqualTo(1);
        file("models/e.sql", "{{ config(materialized='table') }} select 1 as id");
        assertThat(run("retry")).isZero();
        assertThat(lines())
                .contains(
                        "1 of 2 OK created sql table model here.e [OK]",
                        "2 of 2 OK created sql table model here.a [OK]");
        assertThat(run("show", "--inline", "select 'n=' || count(*) as n from here.a", "--vars", "{n: 1}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("n=0"));
        file("models/a.sql", "select {{ var('n') }} as n, nothing");
        assertThat(run("run", "--vars", "{n: 7, place: here}")).isEqualTo(1);
        file("models/a.sql", "select {{ var('n') }} as n");
        assertThat(run("retry", "--vars", "{n: 8, place: there}")).isZero();
        assertThat(lines()).contains("1 of 1 OK created sql view model there.a [OK]");
    }

    @Test
    void deferredRunsReadTheOtherRunAndClonesAreViewsOfIt() throws IOException {
        file("macros/m.sql", "{% macro generate_schema_name(name, node) %}{{ var('place') }}{% endmacro %}");
        file("models/a.sql", "{{ config(materialized='table') }} select '{{ var('place') }}' as place");
        file("models/b.sql", "{{ config(materialized='table') }} select place from {{ ref('a') }}");
        assertThat(run("build", "--vars", "{place: prod}", "--target-path", "prod"))
                .isZero();
        String state = project.resolve("prod").toString();
        String[] deferred = {"run", "-s", "b", "--vars", "{place: dev}", "--defer", "--state", state};
        assertThat(run(deferred)).isZero();
        assertThat(run("run", "-s", "b", "--vars", "{place: dev}", "--defer")).isEqualTo(1);
        assertThat(lines()).anyMatch(line -> line.contains("--defer needs the artifacts of another run"));
        assertThat(run("show", "--inline", "select 'place=' || place as p from dev.b", "--vars", "{place: dev}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("place=prod"));
        file("models/b.sql", "{{ config(materialized='table') }} select place, nothing from {{ ref('a') }}");
        assertThat(run(deferred)).isEqualTo(1);
        file("models/b.sql", "{{ config(materialized='table') }} select place, 2 as n from {{ ref('a') }}");
        assertThat(run("retry")).isZero();
        assertThat(run("clone", "--vars", "{place: dev}", "--state", state)).isZero();
        assertThat(lines())
                .contains("Relation \"dw\".\"dev\".\"b\" already exists")
                .contains("Done. PASS=2 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=2");
        assertThat(run("show", "--inline", "select 'place=' || place as p from dev.a", "--vars", "{place: dev}"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("place=prod"));
    }

    @Test
    void failuresAreStoredWhenTheCommandSaysSo() throws IOException {
        file("models/a.sql", "select cast(null as integer) as id");
        file("models/m.yml", "models: [{name: a, columns: [{name: id, data_tests: [{not_null: {name: nn}}]}]}]");
        assertThat(run("build")).isEqualTo(1);
        assertThat(Files.readString(project.resolve("target/run_results.json"))).contains("\"relation_name\":null");
        assertThat(run("test", "--store-failures")).isEqualTo(1);
        assertThat(Files.readString(project.resolve("target/run_results.json"))).contains("main_dbt_test__audit");
        assertThat(run("show", "--inline", "select 'n=' || count(*) as n from main_dbt_test__audit.nn"))
                .isZero();
        assertThat(lines()).anyMatch(line -> line.contains("n=1"));
    }

    @Test
    void onlySomeKindsAreBuilt() throws IOException {
        file("seeds/s.csv", "id\n1\n");
        file("models/a.sql", "select * from {{ ref('s') }}");
        file(
                "models/m.yml",
                "models: [{name: a, columns: [{name: id, data_tests: [unique, not_null]}]}]\n"
                        + "unit_tests: [{name: u, model: a, given: [{input: ref('s'), rows: [{id: 1}]}], expect: {rows: [{id: 2}]}}]");
        assertThat(run("build", "--resource-type", "seed", "model")).isZero();
        assertThat(lines()).contains("Done. PASS=2 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=2");
        assertThat(run("build", "--exclude-resource-type", "unit_test", "seed")).isZero();
        assertThat(lines()).contains("Done. PASS=3 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=3");
        assertThat(run("test", "--resource-type", "unit_test")).isEqualTo(1);
        assertThat(lines()).contains("Done. PASS=0 WARN=0 ERROR=1 SKIP=0 NO-OP=0 TOTAL=1");
        file("tests/t.sql", "select 1 as id");
        assertThat(run("test", "--resource-type", "test")).isEqualTo(1);
        assertThat(lines()).contains("  compiled code at target/compiled/demo/tests/t.sql");
        assertThat(run("build", "--resource-type", "modle")).isEqualTo(1);
        assertThat(lines()).anyMatch(line -> line.contains("'modle' is not a resource type"));
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.execute.Reading;
import dev.freshet.transform.project.node.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Microbatch models, batch by batch. */
class MicrobatchTest {

    private static final String MODEL =
            """
            {{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at_time',
                begin='2024-01-01', batch_size='day', lookback=%s,
                pre_hook="insert into lake.told values ('before')", post_hook="insert into lake.told values ('after')") }}
            select id, at_time, '{{ model.batch.id }}' as batch %s from {{ ref('events') }} as e
            """;

    @TempDir
    Path directory;

    private RunFixture run;
    private final List<String> told = new ArrayList<>();

    private void open(Warehouse warehouse, String more) {
        run = warehouse.fixture(directory);
        run.query("create schema raw");
        run.query("create schema lake");
        run.query("create table lake.told (what varchar)");
        run.query("create table raw.events (id int, at_time timestamp, n int)");
        run.query(
                "insert into raw.events values (1, '2024-01-01 10:00:00', 1), (2, '2024-01-02 00:00:00', 1), (3, '2024-01-03 23:59:59', 1)");
        run.file("models/raw.yml", "sources: [{name: raw, tables: [{name: events}]}]")
                .model("events", "{{ config(event_time='at_time') }} select * from {{ source('raw', 'events') }}")
                .model("m", MODEL.formatted("1", more))
                .model("after", "select count(*) as n from {{ ref('m') }}");
    }

    private NodeResult build(String now) {
        return build(run.project.parse(), new Batching(Optional.empty(), Map.of(), Optional.of(Instant.parse(now))));
    }

    private NodeResult build(ParsedProject parsed, Batching batching) {
        told.clear();
        RunListener listener = new RunListener() {
            @Override
            public void started(int number, int total, Node node) {}

            @Override
            public void ended(int number, int total, NodeResult result) {
                told.add(result.node().name() + " " + result.status().word());
            }

            @Override
            public void batchEnded(BatchPlace batch, NodeResult.Status status, String said, Duration took) {
                told.add(batch.number() + "/" + batch.total() + " " + batch.id() + " " + status.word()
                        + (status == NodeResult.Status.ERROR ? " " + said : ""));
            }
        };
        return run.results(parsed, new RunSettings(1, false, false, batching), listener).stream()
                .filter(result -> result.node().name().equals("m"))
                .findFirst()
                .orElseThrow();
    }

    private List<String> rows() {
        return run.query("select id, batch from lake.m order by id, batch");
    }

    @ParameterizedTest
    @EnumSource
    void batchesAreBuiltOneByOneAndTheNextRunLooksBack(Warehouse warehouse) throws IOException {
        open(warehouse, "");
        assertThat(build("2024-01-03T12:00:00Z").message()).contains("SUCCESS");
        assertThat(told)
                .containsExactly(
                        "events success",
                        "1/3 20240101 success",
                        "2/3 20240102 success",
                        "3/3 20240103 success",
                        "m success",
                        "after success");
        assertThat(rows()).containsExactly("1 20240101", "2 20240102", "3 20240103");
        assertThat(run.query("select what from lake.told")).containsExactly("before", "after");
        assertThat(Files.readString(directory.resolve("target/run_results.json")))
                .contains(
                        "\"batch_results\":{\"successful\":[[\"2024-01-01T00:00:00+00:00\",\"2024-01-02T00:00:00+00:00\"],");
        assertThat(directory.resolve("target/compiled/demo/models/m/m_20240102.sql"))
                .content()
                .contains("'20240102' as batch");
        assertThat(directory.resolve("target/run/demo/models/m/m_20240102.sql"))
                .content()
                .contains("insert");
        run.query(
                "insert into raw.events values (4, '2024-01-03 01:00:00', 1), (5, '2024-01-04 01:00:00', 1), (6, '2024-01-01', 1)");
        run.query("update lake.m set batch = 'old'");
        assertThat(build("2024-01-04T12:00:00Z").status()).isEqualTo(NodeResult.Status.SUCCESS);
        assertThat(told).contains("1/2 20240103 success", "2/2 20240104 success");
        assertThat(rows()).containsExactly("1 old", "2 old", "3 20240103", "4 20240103", "5 20240104");
        EventWindow window = new EventWindow(EventWindow.time("2024-01-01 05:00:00"), EventWindow.time("2024-01-02"));
        NodeResult wanted = build(run.project.parse(), new Batching(Optional.of(window), Map.of(), Optional.empty()));
        assertThat(wanted.batches().orElseThrow().successful()).hasSize(1);
        assertThat(rows()).contains("1 20240101", "6 20240101");
        build(
                run.project.parseForFullRefresh(),
                new Batching(Optional.empty(), Map.of(), Optional.of(Instant.parse("2024-01-02T00:00:00Z"))));
        assertThat(rows()).containsExactly("1 20240101", "6 20240101");
    }

    @ParameterizedTest
    @EnumSource
    void failedBatchesAreRetriedAlone(Warehouse warehouse) {
        open(warehouse, ", 1 / n as part");
        run.query("update raw.events set n = 1");
        assertThat(build("2024-01-01T12:00:00Z").status()).isEqualTo(NodeResult.Status.SUCCESS);
        String broken = warehouse == Warehouse.POSTGRES ? "1 / n" : "case when n = 0 then error('zero') else 1 end";
        run.query("update raw.events set n = 0 where id = 2");
        run.model("m", MODEL.formatted("2", ", " + broken + " as part"));
        NodeResult result = build("2024-01-03T12:00:00Z");
        assertThat(told)
                .contains("1/3 20240101 success", "3/3 20240103 success", "m partial success", "after skipped")
                .anyMatch(line -> line.startsWith("2/3 20240102 error Database Error in model m (models/m.sql)"));
        assertThat(result.message()).contains("PARTIAL SUCCESS (2/3)");
        run.assertValidResults();
        PreviousRun previous = PreviousRun.read(directory.resolve("target"));
        assertThat(previous.retryable()).containsExactly("model.demo.m", "model.demo.after");
        assertThat(previous.batches().get("model.demo.m"))
                .isEqualTo(new BatchResults(
                        result.batches().orElseThrow().successful(),
                        List.of(new EventWindow(EventWindow.time("2024-01-02"), EventWindow.time("2024-01-03")))));
        run.query("update raw.events set n = 1");
        result = build(
                run.project.parseForFullRefresh(),
                new Batching(Optional.empty(), previous.batches(), Optional.empty()));
        assertThat(told).contains("1/1 20240102 success", "m success", "after success");
        assertThat(result.batches().orElseThrow().successful()).hasSize(3);
        assertThat(rows()).containsExactly("1 20240101", "2 20240102", "3 20240103");
    }

    @ParameterizedTest
    @EnumSource
    void withoutTheFirstBatchTheOthersAreSkipped(Warehouse warehouse) {
        open(warehouse, ", nothing");
        NodeResult result = build("2024-01-03T12:00:00Z");
        assertThat(result.message()).contains("ERROR");
        assertThat(told).contains("2/3 20240102 skipped", "3/3 20240103 skipped", "m error", "after skipped");
        assertThat(result.batches().orElseThrow().failed()).hasSize(3);
        assertThat(run.relations("lake")).doesNotContain("m");
    }

    @ParameterizedTest
    @EnumSource
    void aSampleIsBuiltInBatchesToo(Warehouse warehouse) {
        open(warehouse, "");
        EventWindow window =
                new EventWindow(EventWindow.time("2024-01-01 12:00:00"), EventWindow.time("2024-01-02 12:00:00"));
        ParsedProject parsed = run.project.parse();
        parsed.read(new Reading(false, Optional.of(window)));
        build(parsed, new Batching(Optional.of(window), Map.of(), Optional.empty()));
        assertThat(told).contains("1/2 20240101 success", "2/2 20240102 success");
        assertThat(rows()).containsExactly("2 20240102");
    }

    @Test
    void moreBatchesThanAnyoneCanWantAreAMistake() {
        open(Warehouse.DUCKDB, "");
        run.model("m", MODEL.formatted("1", "").replace("'day'", "'hour'").replace("2024-01-01", "0001-01-01"));
        assertThat(build("2024-01-03T12:00:00Z").message().orElseThrow())
                .contains(
                        "Microbatch model 'm' would have more than 900000 batches from 0001-01-01T00:00:00Z: correct its 'begin'")
                .doesNotContain("defect");
    }

    @Test
    void whatIsMissingIsSaidAtTheModel() {
        run = Warehouse.DUCKDB.fixture(directory);
        Map<String, String> mistakes = Map.of(
                "event_time", "must provide an 'event_time' (string) config",
                "begin", "must provide a 'begin' (datetime) config",
                "batch_size", "must provide a 'batch_size' config that is one of ['hour', 'day', 'month', 'year']");
        mistakes.forEach((missing, message) -> {
            run.model(
                    "m",
                    "{{ config(materialized='incremental', incremental_strategy='microbatch', "
                            + "event_time='at', begin='2024-01-01', batch_size='day') }} select 1 as id"
                                    .replaceFirst(missing + "='[^']*',?", ""));
            assertThatThrownBy(() -> run.project.parse()).hasMessageContaining("Microbatch model 'm' " + message);
        });
    }
}

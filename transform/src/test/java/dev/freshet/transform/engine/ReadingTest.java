package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.execute.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code --empty} and {@code --sample}: references read less than there is. */
class ReadingTest {

    @TempDir
    Path directory;

    private RunFixture run;

    private List<NodeResult> build(Reading reading) {
        ParsedProject parsed = run.project.parse();
        parsed.read(reading);
        List<NodeResult> results = run.results(parsed, new RunSettings(2, false, true));
        assertThat(results).allSatisfy(result -> assertThat(result.status().isBad())
                .as(result.message().orElse(""))
                .isFalse());
        return results;
    }

    private void open(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.query("create schema raw");
        run.query("create table raw.events (id int, at_time timestamp)");
        run.query(
                "insert into raw.events values (1, '2024-01-01 10:00:00'), (2, '2024-01-02 10:00:00'), (3, '2024-02-01')");
        run.file("seeds/s.csv", "id\n1\n2\n")
                .file(
                        "models/raw.yml",
                        "sources: [{name: raw, tables: [{name: events, config: {event_time: at_time}}]}]")
                .model(
                        "late",
                        "{{ config(materialized='ephemeral') }} select * from {{ source('raw', 'events') }} as e where e.id > 1")
                .model(
                        "joined",
                        "{{ config(materialized='table', event_time='at_time') }} select e.id, e.at_time from {{ source('raw', 'events') }} e\n"
                                + "join {{ ref('s') }} using (id) left join {{ ref('late') }} as l on l.id = e.id")
                .model("counted", "{{ config(materialized='table') }} select count(*) as n from {{ ref('joined') }}")
                .model(
                        "spaced",
                        "{{ config(materialized='table', alias='Two Words') }} select * from {{ ref('counted') }}")
                .model("reads_spaced", "select n from {{ ref('spaced') }} where n >= 0")
                .model(
                        "all",
                        "{{ config(materialized='table') }} select count(*) as n from {{ source('raw', 'events').render() }}");
    }

    @ParameterizedTest
    @EnumSource
    void emptyMakesRelationsWithoutRows(Warehouse warehouse) {
        open(warehouse);
        build(new Reading(true, Optional.empty()));
        assertThat(run.query("select count(*) from lake.joined")).containsExactly("0");
        assertThat(run.query("select n from lake.counted")).containsExactly("0");
        assertThat(run.query("select n from lake.\"all\"")).containsExactly("3");
        assertThat(directory.resolve("target/compiled/demo/models/counted.sql"))
                .content()
                .contains(".\"joined\" where false limit 0) _dbt_limit_subq_joined");
    }

    @ParameterizedTest
    @EnumSource
    void aSampleReadsAWindowOfWhatHasAnEventTime(Warehouse warehouse) {
        open(warehouse);
        EventWindow window = new EventWindow(EventWindow.time("2024-01-02"), EventWindow.time("2024-02-01"));
        build(new Reading(false, Optional.of(window)));
        assertThat(run.query("select id from lake.joined")).containsExactly("2");
        assertThat(run.query("select n from lake.counted")).containsExactly("1");
        assertThat(directory.resolve("target/compiled/demo/models/counted.sql"))
                .content()
                .contains("where at_time >= '2024-01-02 00:00:00+00:00' and at_time < '2024-02-01 00:00:00+00:00')"
                        + " _dbt_et_filter_subq_joined");
    }
}

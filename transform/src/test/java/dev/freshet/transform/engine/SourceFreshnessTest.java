package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SourceFreshnessTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void sourcesAreFreshOrStale(Warehouse warehouse) {
        RunFixture run = warehouse.fixture(directory);
        run.query("create schema raw");
        run.query("create table raw.events as select now() - interval '30' minute as at_time, 1 as id");
        run.query("create table raw.nothing as select now() as at_time where false");
        run.model("m", "select 1 as id")
                .file(
                        "models/s.yml",
                        """
                        sources:
                          - name: raw
                            loaded_at_field: at_time
                            freshness: {warn_after: {count: 1, period: hour}}
                            tables:
                              - {name: events}
                              - {name: late, identifier: events, freshness: {error_after: {count: 10, period: minute}}}
                              - {name: warned, identifier: events, freshness: {warn_after: {count: 10, period: minute}, error_after: {count: 1, period: day}}}
                              - {name: filtered, identifier: events, freshness: {error_after: {count: 10, period: minute}, filter: id = 2}}
                              - {name: gone, freshness: {error_after: {count: 10, period: minute}}}
                              - {name: queried, loaded_at_query: "select max(at_time) from raw.events"}
                              - {name: unwatched, freshness: null}
                        """);
        SourceFreshness.Report report = new SourceFreshness(run.project.parse(), java.time.Clock.systemUTC())
                .run(source -> true, (number, total, source) -> {}, (number, total, source) -> {});
        assertThat(report.sources())
                .extracting(source -> source.name() + " " + source.status().word())
                .containsExactlyInAnyOrder(
                        "raw.events pass",
                        "raw.late error",
                        "raw.warned warn",
                        "raw.filtered error",
                        "raw.gone runtime error",
                        "raw.queried pass");
        assertThat(report.isGood()).isFalse();
        run.assertValid("sources.json", "sources-v3.json");
    }
}

package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.transform.plan.query.ClockUse;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that look at the clock, which goes by the test's hand. */
class ModelClockTest {

    private static final ZoneId VIENNA = ZoneId.of("Europe/Vienna");

    @TempDir
    Path directory;

    private final HandClock clock = new HandClock();
    private SimulatedSource source;
    private DuckDbStateStore store;
    private Project project;
    private IncrementalMaintainer maintainer;

    @BeforeEach
    void open() throws Exception {
        source = new SimulatedSource(directory, new Random(3));
        openStore();
        TableId table = source.tables.get(0).id();
        List<Model> models = new ArrayList<>();
        models.add(model("daily", table, "select count(*) as n, current_date as today from %s"));
        models.add(model("minutely", table, "select count(*) as n, current_timestamp as seen from %s"));
        models.add(model("aged", table, "select count(*) as n, age(timestamp '2026-02-01') as age from %s"));
        models.add(model("past", table, "select count(*) as n, ago(interval 1 hour) as hour_ago from %s"));
        models.add(model("plain", table, "select count(*) as now from %s -- now() and current_date"));
        models.add(model("below", new TableId("dw", "out", "daily"), "select today + 1 as tomorrow from %s"));
        project = new Project(
                Path.of("p"),
                Path.of("p/target"),
                "p",
                Map.of(),
                "dw",
                List.of(new SourceTable("source.p.t", table, Map.of(), "models/s.yml", 1)),
                models,
                List.of());
        begin();
    }

    private void openStore() {
        store = DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 29,
                directory.resolve("spill"),
                1,
                1_000_000,
                List.of(directory),
                clock,
                UUID::randomUUID));
    }

    private void begin() {
        maintainer = new IncrementalMaintainer(
                project,
                new SnapshotKeeper(Duration.ofHours(1), SnapshotKeeper.StagedChanges.NONE, clock),
                new ModelClock(clock, VIENNA, Duration.ofSeconds(60)));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        source.close();
    }

    private static Model model(String name, TableId table, String sql) {
        return new Model(
                "model.p." + name,
                name,
                new TableId("dw", "out", name),
                Model.Materialization.TABLE,
                Model.Route.MAINTAINED,
                List.of(table.name().equals("daily") ? "model.p.daily" : "source.p.t"),
                sql.formatted(StateNames.relation(table)),
                List.of(),
                List.of(),
                List.of("p", name),
                "models/" + name + ".sql");
    }

    /** One cycle; the names of the models that changed. */
    private List<String> cycle(Optional<StagedBatch> staged) {
        try (StateTransaction transaction = store.begin()) {
            Instant now = clock.instant();
            transaction.clock(now, VIENNA);
            List<TableDelta> changed = staged.map(transaction::reconcile).orElse(List.of());
            List<TableDelta> maintained = maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(
                    staged.map(batch -> Map.of(SimulatedSource.NAME, batch.end()))
                            .orElse(Map.of()),
                    now);
            return maintained.stream().map(delta -> delta.table().name()).toList();
        }
    }

    private String value(String query) {
        try (StateSnapshot snapshot = store.read();
                RowCursor rows = snapshot.query(query)) {
            rows.next();
            return String.valueOf(rows.value(0));
        }
    }

    @Test
    void datesAreRightTheCycleAfterMidnightOfTheZone() throws Exception {
        clock.at("2026-03-01T22:59:59Z");
        cycle(Optional.of(source.change(20)));
        assertThat(value("select today::varchar from \"dw.out\".daily")).isEqualTo("2026-03-01");
        assertThat(maintainer.isDue()).isFalse();
        clock.at("2026-03-01T23:00:00Z");
        assertThat(maintainer.isDue()).isTrue();
        assertThat(cycle(Optional.empty())).containsExactly("daily", "aged", "below");
        assertThat(value("select age::varchar from \"dw.out\".aged")).isEqualTo("1 month 1 day");
        assertThat(value("select today::varchar from \"dw.out\".daily")).isEqualTo("2026-03-02");
        assertThat(value("select tomorrow::varchar from \"dw.out\".below")).isEqualTo("2026-03-03");
        assertThat(maintainer.isDue()).isFalse();
    }

    @Test
    void timesAreRightOnceInAnInterval() throws Exception {
        clock.at("2026-03-01T10:00:00Z");
        cycle(Optional.of(source.change(20)));
        clock.at("2026-03-01T10:00:59Z");
        assertThat(maintainer.isDue()).isFalse();
        assertThat(cycle(Optional.empty())).isEmpty();
        clock.at("2026-03-01T10:01:00Z");
        assertThat(maintainer.isDue()).isTrue();
        assertThat(cycle(Optional.empty())).containsExactly("minutely", "past");
        assertThat(value("select (seen at time zone 'UTC')::varchar from \"dw.out\".minutely"))
                .isEqualTo("2026-03-01 10:01:00");
        assertThat(value("select (hour_ago at time zone 'UTC')::varchar from \"dw.out\".past"))
                .isEqualTo("2026-03-01 09:01:00");
        // What changes in between is seen at once, and counts as a run.
        clock.at("2026-03-01T10:01:30Z");
        List<String> changed = List.of();
        for (int i = 0; i < 20 && changed.isEmpty(); i++) {
            changed = cycle(Optional.of(source.change(20)));
        }
        assertThat(changed).contains("minutely");
        clock.at("2026-03-01T10:02:00Z");
        assertThat(maintainer.isDue()).isFalse();
    }

    /** With one argument it is the age today. */
    @Test
    void agesAreOtherOnesTheNextDay() {
        try (StateTransaction transaction = store.begin()) {
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            assertThat(ClockUse.of(state.syntaxTree("select age(w) from t"))).isEqualTo(ClockUse.DATE);
            assertThat(ClockUse.of(state.syntaxTree("select age(w, u) from t"))).isEqualTo(ClockUse.NONE);
        }
    }

    @Test
    void aMidnightThatPassedWhileNothingRanIsMadeUpFor() throws Exception {
        clock.at("2026-03-01T10:00:00Z");
        cycle(Optional.of(source.change(20)));
        store.close();
        clock.at("2026-03-05T10:00:00Z");
        openStore();
        begin();
        assertThat(cycle(Optional.empty())).contains("daily");
        assertThat(value("select today::varchar from \"dw.out\".daily")).isEqualTo("2026-03-05");
    }

    private static final class HandClock extends Clock {

        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void at(String instant) {
            now = Instant.parse(instant);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}

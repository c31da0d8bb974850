package dev.freshet.deploy.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.config.ClockSettings;
import dev.freshet.deploy.config.TestSettings;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.testkit.Await;
import dev.freshet.transform.project.node.DataTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watched tests on a real store, by a clock that the test turns. */
class TestsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final HandClock clock = new HandClock();
    private JudgedModel model;

    @BeforeEach
    void open() {
        model = new JudgedModel(directory, clock);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Tests tests(StateStore store, DataTest... watched) {
        return new Tests(
                List.of(watched),
                new TestSettings(DataTest.Mode.MONITOR, Duration.ofMillis(20)),
                new ClockSettings(ZoneId.of("Europe/Vienna"), Duration.ofMinutes(1)),
                store,
                clock,
                message -> {});
    }

    private List<TableDelta> cycle(String sql) {
        try (StateTransaction transaction = model.store.begin()) {
            TableDelta delta = JudgedModel.compute(transaction, sql);
            transaction.commit(Map.of(), clock.instant());
            return List.of(delta);
        }
    }

    private static void becomes(Tests tests, Verdict.State state) {
        Await.until("it is " + state, PATIENCE, () -> tests.results()
                .get(0)
                .verdict()
                .filter(verdict -> verdict.state() == state)
                .isPresent());
    }

    @Test
    void theRowsOfATestAreThoseOfTheConfiguredZone() {
        clock.at("2026-03-01T23:30:00Z");
        cycle("select '2026-03-01' as due union all select '2026-03-02'");
        try (Tests tests = tests(model.store, JudgedModel.test("overdue", "cast(due as date) < current_date"))) {
            assertThat(tests.failures("overdue", 10).rows())
                    .as("in Vienna it is the next day")
                    .containsExactly(List.of("2026-03-01"));
            tests.start();
            becomes(tests, Verdict.State.FAIL);
        }
    }

    @Test
    void valuesOfARowAreSpelledAsPeopleDo() {
        cycle(
                "select date '2026-03-01' as due, timestamptz '2026-03-01 10:00:00+00' as seen, 1.50 as price, null as gone");
        try (Tests tests = tests(model.store, JudgedModel.test("any", "true"))) {
            Tests.Rows rows = tests.failures("any", 10);
            assertThat(rows.columns()).containsExactly("due", "seen", "price", "gone");
            assertThat(rows.rows()).containsExactly(List.of("2026-03-01", "2026-03-01 10:00:00+00", "1.50", ""));
        }
    }

    @Test
    void aTestThatAsksForTheTimeIsJudgedThoughNothingChanges() {
        clock.at("2026-03-01T10:00:00Z");
        cycle("select '2026-03-01 10:00:00+00' as seen");
        try (Tests tests = tests(
                model.store, JudgedModel.test("fresh", "cast(seen as timestamptz) < now() - interval 90 second"))) {
            tests.start();
            becomes(tests, Verdict.State.PASS);
            clock.at("2026-03-01T10:02:00Z");
            becomes(tests, Verdict.State.FAIL);
            assertThat(tests.results().get(0).since()).contains(Instant.parse("2026-03-01T10:02:00Z"));
        }
    }
}

package dev.freshet.deploy.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.config.ClockSettings;
import dev.freshet.publisher.DeliveryGate;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.transform.project.node.DataTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gates as a cycle uses them, on a real store and by a clock that the test turns. */
class GatesTest {

    private static final ZoneId VIENNA = ZoneId.of("Europe/Vienna");
    private static final String OUTPUT = JudgedModel.TABLE.connection();

    @TempDir
    Path directory;

    private final HandClock clock = new HandClock();
    private final TestResults results = new TestResults(clock, message -> {});
    private JudgedModel model;
    private Gates gates;
    private int attempts;

    @BeforeEach
    void open() {
        model = new JudgedModel(directory, clock);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private void begin(DataTest... tests) {
        results.expect(List.of(tests), DataTest.Mode.GATE);
        gates = new Gates(List.of(tests), results, new ClockSettings(VIENNA, Duration.ofSeconds(60)), clock);
    }

    /** One cycle as the pipeline runs it: again and again until it commits. */
    private void cycle(Optional<String> sql) {
        attempts = 0;
        while (true) {
            attempts++;
            assertThat(attempts).as("a broken gate costs one more attempt").isLessThan(5);
            try (StateTransaction transaction = model.store.begin()) {
                Instant now = clock.instant();
                transaction.clock(now, VIENNA);
                List<TableDelta> changed = sql.map(text -> List.of(JudgedModel.compute(transaction, text)))
                        .orElse(List.of());
                gates.judge(transaction, model.store.cut().number() + 1, List.of(changed));
                transaction.commit(Map.of(), now);
                gates.committed();
                return;
            } catch (Gates.BrokenGateException e) {
                gates.broken(e);
            }
        }
    }

    private Verdict.State state() {
        return results.all().get(0).verdict().orElseThrow().state();
    }

    private Optional<String> objection() {
        DeliveryGate gate = gates.of(OUTPUT);
        try (StateSnapshot snapshot = model.store.read()) {
            return gate.objection(snapshot);
        }
    }

    @Test
    void aBrokenGateLetsTheCutThroughHoweverLongACycleTakes() {
        begin(JudgedModel.test("numbers", "cast(number as integer) < 0"));
        clock.jumpAtEachLook(Duration.ofMinutes(2));
        cycle(Optional.of("select 'six' as number"));
        assertThat(attempts).isEqualTo(2);
        assertThat(state()).isEqualTo(Verdict.State.ERROR);
        assertThat(objection().orElse("")).contains("gate test 'numbers' can't be run since cut 1");
        assertThat(gates.retryIsDue()).isTrue();

        cycle(Optional.empty());
        assertThat(attempts).as("after a commit it is tried again").isEqualTo(2);

        cycle(Optional.of("select '6' as number"));
        assertThat(attempts).isEqualTo(1);
        assertThat(state()).isEqualTo(Verdict.State.PASS);
        assertThat(objection()).isEmpty();
        assertThat(gates.retryIsDue()).isFalse();
    }

    @Test
    void aGateThatAsksForTheTimeIsJudgedOnceInAnInterval() {
        begin(JudgedModel.test("fresh", "cast(seen as timestamptz) < now() - interval 90 second"));
        cycle(Optional.of("select '2026-03-01 10:00:00+00' as seen"));
        assertThat(state()).isEqualTo(Verdict.State.PASS);
        clock.at("2026-03-01T10:00:59Z");
        assertThat(gates.retryIsDue()).isFalse();
        clock.at("2026-03-01T10:01:00Z");
        assertThat(gates.retryIsDue()).isTrue();
        cycle(Optional.empty());
        assertThat(state()).isEqualTo(Verdict.State.PASS);
        clock.at("2026-03-01T10:02:00Z");
        assertThat(gates.retryIsDue()).isTrue();
        cycle(Optional.empty());
        assertThat(state()).isEqualTo(Verdict.State.FAIL);
        assertThat(objection().orElse("")).contains("gate test 'fresh' fails since cut 3");
        assertThat(gates.retryIsDue()).isFalse();
    }

    @Test
    void aGateThatAsksForTheDateIsJudgedAtMidnightOfTheZone() {
        clock.at("2026-03-01T22:59:59Z");
        begin(JudgedModel.test("overdue", "cast(due as date) < current_date"));
        cycle(Optional.of("select '2026-03-01' as due"));
        assertThat(state()).isEqualTo(Verdict.State.PASS);
        assertThat(gates.retryIsDue()).isFalse();
        clock.at("2026-03-01T23:00:00Z");
        assertThat(gates.retryIsDue()).isTrue();
        cycle(Optional.empty());
        assertThat(state()).isEqualTo(Verdict.State.FAIL);

        clock.at("2026-03-05T10:00:00Z");
        begin(JudgedModel.test("overdue", "cast(due as date) < current_date - 1000"));
        cycle(Optional.empty());
        begin(JudgedModel.test("overdue", "cast(due as date) < current_date - 1000"));
        clock.at("2026-03-06T10:00:00Z");
        cycle(Optional.empty());
        assertThat(results.all().get(0).judgedAt())
                .as("a midnight that passed while nothing ran is made up for")
                .contains(Instant.parse("2026-03-06T10:00:00Z"));
    }

    @Test
    void aGateThatIsBrokenOrHasNothingToReadWaitsInPeace() {
        begin(JudgedModel.test("fresh", "cast(seen as timestamptz) < now()"));
        cycle(Optional.of("select '2026-03-01 11:00:00+00' as seen"));
        cycle(Optional.of("select 'soon' as seen"));
        assertThat(state()).isEqualTo(Verdict.State.ERROR);
        cycle(Optional.of("select '2026-03-01 11:00:00+00' as seen"));
        clock.at("2026-03-01T10:00:01Z");
        assertThat(gates.retryIsDue()).isFalse();
        clock.at("2026-03-01T10:00:02Z");
        assertThat(gates.retryIsDue()).isTrue();
        cycle(Optional.empty());
        assertThat(state()).isEqualTo(Verdict.State.PASS);
        try (StateTransaction transaction = model.store.begin()) {
            transaction.drop(JudgedModel.TABLE);
            transaction.commit(Map.of(), clock.instant());
        }
        clock.at("2026-03-01T10:02:00Z");
        cycle(Optional.empty());
        assertThat(results.all().get(0).verdict()).isEmpty();
        assertThat(gates.retryIsDue()).isFalse();
    }
}

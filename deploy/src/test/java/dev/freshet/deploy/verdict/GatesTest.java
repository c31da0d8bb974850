package dev.freshet.deploy.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.publisher.DeliveryGate;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.transform.project.DataTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gates as a cycle uses them, on a real store and by a clock that the test turns. */
class GatesTest {

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
        gates = new Gates(List.of(tests), results, clock);
    }

    /** One cycle as the pipeline runs it: again and again until it commits. */
    private void cycle(Optional<String> sql) {
        attempts = 0;
        while (true) {
            attempts++;
            assertThat(attempts).as("a broken gate costs one more attempt").isLessThan(5);
            try (StateTransaction transaction = model.store.begin()) {
                List<TableDelta> changed = sql.map(text -> List.of(JudgedModel.compute(transaction, text)))
                        .orElse(List.of());
                gates.judge(transaction, model.store.cut().number() + 1, List.of(changed));
                transaction.commit(Map.of(), clock.instant());
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
}

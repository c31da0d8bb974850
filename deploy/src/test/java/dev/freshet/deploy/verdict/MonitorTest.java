package dev.freshet.deploy.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.state.Cut;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.DataTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What becomes of watched tests while the state store can't be read. */
class MonitorTest {

    @TempDir
    Path directory;

    private final HandClock clock = new HandClock();
    private final TestResults results = new TestResults(clock, message -> {});
    private final Logger log = (Logger) LoggerFactory.getLogger(Monitor.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private JudgedModel model;
    private BrokenStore store;

    @BeforeEach
    void open() {
        model = new JudgedModel(directory, clock);
        try (StateTransaction transaction = model.store.begin()) {
            var unused = JudgedModel.compute(transaction, "select 1 as n");
            transaction.commit(Map.of(), clock.instant());
        }
        store = new BrokenStore(model.store);
        log.setLevel(Level.WARN);
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void close() {
        log.detachAppender(logged);
        log.setLevel(null);
        model.close();
    }

    private Monitor monitor(Duration interval) {
        List<DataTest> tests = List.of(JudgedModel.test("first", "n < 0"), JudgedModel.test("second", "n < 0"));
        results.expect(tests, DataTest.Mode.MONITOR);
        return new Monitor(tests, store, results, new TestClock(clock, ZoneOffset.UTC), interval);
    }

    private List<Optional<Verdict.State>> states() {
        return results.all().stream()
                .map(result -> result.verdict().map(Verdict::state))
                .toList();
    }

    @Test
    void oneThatCannotBeReadRestsAndLeavesTheOthersAlone() {
        store.failures = 1;
        try (Monitor monitor = monitor(Duration.ofHours(1))) {
            monitor.look();
            monitor.look();
            monitor.look();
        }
        assertThat(states()).containsExactly(Optional.empty(), Optional.of(Verdict.State.PASS));
        assertThat(store.reads).as("each at most once in an interval").isEqualTo(2);
        assertThat(logged.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .isEqualTo("test 'first' is judged later: java.lang.IllegalStateException: broken");
            assertThat(event.getThrowableProxy()).isNull();
        });
    }

    @Test
    void itIsJudgedWhenItsTimeComesAgain() {
        store.failures = 3;
        try (Monitor monitor = monitor(Duration.ofNanos(1))) {
            monitor.look();
            monitor.look();
            assertThat(states()).containsExactly(Optional.empty(), Optional.of(Verdict.State.PASS));
            monitor.look();
        }
        assertThat(states()).containsOnly(Optional.of(Verdict.State.PASS));
    }

    /** A store that fails a number of times when it is read. */
    private static final class BrokenStore implements StateStore {

        private final StateStore store;
        private int failures;
        private int reads;

        BrokenStore(StateStore store) {
            this.store = store;
        }

        @Override
        public StateEpoch epoch() {
            return store.epoch();
        }

        @Override
        public Cut cut() {
            return store.cut();
        }

        @Override
        public boolean isReady(TableId source) {
            return store.isReady(source);
        }

        @Override
        public StateTransaction begin() {
            return store.begin();
        }

        @Override
        public StateSnapshot read() {
            reads++;
            if (failures-- > 0) {
                throw new IllegalStateException("broken");
            }
            return store.read();
        }

        @Override
        public void prune(long through) {
            store.prune(through);
        }

        @Override
        public void checkpoint() {
            store.checkpoint();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}

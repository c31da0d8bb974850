package dev.freshet.deploy.verdict;

import dev.freshet.deploy.config.ClockSettings;
import dev.freshet.deploy.config.TestSettings;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableDelta;
import dev.freshet.transform.project.node.DataTest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** The data tests of one project version, each watched or a gate. Safe for use by several threads, but for {@link #gates}. */
public final class Tests implements AutoCloseable {

    /** Rows as texts, at most as many as asked for. */
    public record Rows(List<String> columns, List<List<String>> rows) {}

    private final StateStore store;
    private final TestClock testClock;
    private final TestResults results;
    private final Gates gates;
    private final Monitor monitor;

    /** @param notices told what a person should read */
    public Tests(
            Collection<DataTest> tests,
            TestSettings settings,
            ClockSettings time,
            StateStore store,
            Clock clock,
            Consumer<String> notices) {
        this.store = store;
        this.testClock = new TestClock(clock, time.zone());
        this.results = new TestResults(clock, notices);
        List<DataTest> gating = those(tests, DataTest.Mode.GATE, settings);
        List<DataTest> watched = those(tests, DataTest.Mode.MONITOR, settings);
        results.expect(gating, DataTest.Mode.GATE);
        results.expect(watched, DataTest.Mode.MONITOR);
        this.gates = new Gates(gating, results, time, clock);
        this.monitor = new Monitor(watched, store, results, testClock, settings.interval());
    }

    private static List<DataTest> those(Collection<DataTest> tests, DataTest.Mode mode, TestSettings settings) {
        return tests.stream()
                .filter(test -> test.mode().orElse(settings.mode()) == mode)
                .toList();
    }

    public void start() {
        monitor.start();
    }

    /** For the cycle's thread. */
    public Gates gates() {
        return gates;
    }

    /** A cut was committed with these changes. */
    public void cycled(Collection<TableDelta> changed, Collection<TableDelta> maintained) {
        monitor.touched(changed.stream().map(TableDelta::table).toList());
        monitor.touched(maintained.stream().map(TableDelta::table).toList());
    }

    public List<TestResults.Result> results() {
        return results.all();
    }

    /**
     * The rows at which a test fails now, in the state store: what a gate holds back is not at its target.
     *
     * @throws FreshetException USER when there is no such test, or its SQL fails
     */
    public Rows failures(String name, int atMost) {
        DataTest test = results.all().stream()
                .map(TestResults.Result::test)
                .filter(known -> known.name().equals(name) || known.uniqueId().equals(name))
                .findFirst()
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "the service judges no test '" + name + "'; 'freshet status --json' lists those it does"));
        try (StateSnapshot snapshot = store.read()) {
            Instant unused = testClock.set(snapshot);
            return rows(snapshot, test.failuresQuery(atMost));
        }
    }

    private static Rows rows(StateSnapshot snapshot, String query) {
        try (RowCursor rows = snapshot.query(query)) {
            List<String> columns = rows.schema().columns().stream()
                    .map(column -> column.name())
                    .toList();
            List<List<String>> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 0; i < columns.size(); i++) {
                    Object value = rows.value(i);
                    row.add(value == null ? "" : value.toString());
                }
                found.add(row);
            }
            return new Rows(columns, found);
        }
    }

    @Override
    public void close() {
        monitor.close();
    }
}

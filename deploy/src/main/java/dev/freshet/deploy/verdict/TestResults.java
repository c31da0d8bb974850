package dev.freshet.deploy.verdict;

import dev.freshet.transform.project.node.DataTest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each test found last. A change for the worse, and back, is said once. Safe for use by several threads. */
public final class TestResults {

    private static final Logger LOG = LoggerFactory.getLogger(TestResults.class);

    /**
     * @param verdict empty until it was judged first
     * @param since when it came to this state
     * @param judgedAt when it was judged last
     */
    public record Result(
            DataTest test,
            DataTest.Mode mode,
            Optional<Verdict> verdict,
            Optional<Instant> since,
            Optional<Instant> judgedAt) {}

    private final Clock clock;
    private final Consumer<String> notices;
    private final Map<String, Result> results = new TreeMap<>();

    /** @param notices told what a person should read */
    public TestResults(Clock clock, Consumer<String> notices) {
        this.clock = clock;
        this.notices = notices;
    }

    /** Says which tests there are. */
    void expect(Collection<DataTest> tests, DataTest.Mode mode) {
        synchronized (results) {
            tests.forEach(test -> results.put(
                    test.uniqueId(), new Result(test, mode, Optional.empty(), Optional.empty(), Optional.empty())));
        }
    }

    public List<Result> all() {
        synchronized (results) {
            return new ArrayList<>(results.values());
        }
    }

    void found(DataTest test, Verdict verdict, Instant since) {
        Optional<Verdict> before;
        synchronized (results) {
            Result known = results.get(test.uniqueId());
            if (known == null) {
                return;
            }
            before = known.verdict();
            boolean same = before.map(Verdict::state).equals(Optional.of(verdict.state()));
            results.put(
                    test.uniqueId(),
                    new Result(
                            test,
                            known.mode(),
                            Optional.of(verdict),
                            same ? known.since() : Optional.of(since),
                            Optional.of(clock.instant())));
        }
        tell(test, before.map(Verdict::state).orElse(Verdict.State.PASS), verdict);
    }

    /** It can't be judged, since something it reads is not there. */
    void waits(DataTest test) {
        synchronized (results) {
            Result known = results.get(test.uniqueId());
            if (known != null) {
                results.put(
                        test.uniqueId(),
                        new Result(test, known.mode(), Optional.empty(), Optional.empty(), Optional.empty()));
            }
        }
    }

    private void tell(DataTest test, Verdict.State before, Verdict verdict) {
        if (before == verdict.state()) {
            return;
        }
        String message =
                switch (verdict.state()) {
                    case PASS -> "test '" + test.name() + "' passes again";
                    case WARN -> "test '" + test.name() + "' warns: " + verdict.message();
                    case FAIL -> "test '" + test.name() + "' fails: " + verdict.message();
                    case ERROR -> "test '" + test.name() + "' can't be run: " + verdict.message();
                };
        if (verdict.state() == Verdict.State.PASS) {
            LOG.info(message);
        } else {
            LOG.warn(message);
        }
        notices.accept(message);
    }
}

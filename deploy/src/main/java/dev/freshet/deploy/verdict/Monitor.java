package dev.freshet.deploy.verdict;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.ClockUse;
import dev.freshet.transform.project.node.DataTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges tests now and then, beside everything else: on a thread and a connection of its own, each at most once in an interval, and only after something
 * it reads changed, the time among it. What goes wrong with one test leaves the others alone.
 */
final class Monitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

    private final List<DataTest> tests;
    private final StateStore store;
    private final TestResults results;
    private final TestClock clock;
    private final Duration interval;
    private final Set<TableId> touched = new HashSet<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "tests");

    /** By the place in {@link #tests}; owned by the thread. */
    private final long[] nextNanos;

    private final boolean[] due;

    /** Empty until a test was read. */
    private final List<Optional<ClockUse>> uses;

    Monitor(Collection<DataTest> tests, StateStore store, TestResults results, TestClock clock, Duration interval) {
        this.tests = List.copyOf(tests);
        this.store = store;
        this.results = results;
        this.clock = clock;
        this.interval = interval;
        this.nextNanos = new long[this.tests.size()];
        this.due = new boolean[this.tests.size()];
        Arrays.fill(nextNanos, System.nanoTime());
        Arrays.fill(due, true);
        this.uses = new ArrayList<>(Collections.nCopies(this.tests.size(), Optional.empty()));
    }

    void start() {
        if (!tests.isEmpty()) {
            thread.start();
        }
    }

    /** The rows of these tables changed. */
    void touched(Collection<TableId> tables) {
        synchronized (touched) {
            touched.addAll(tables);
        }
    }

    private void run() {
        Duration step = interval.compareTo(LONGEST_STEP) < 0 ? interval : LONGEST_STEP;
        try {
            while (!stopping.await(Math.max(1, step.toMillis()), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Judges what is due. For the thread. */
    void look() {
        Set<TableId> changed;
        synchronized (touched) {
            changed = Set.copyOf(touched);
            touched.clear();
        }
        for (int i = 0; i < tests.size() && stopping.getCount() > 0; i++) {
            due[i] |= readsClock(i) || tests.get(i).inputs().stream().anyMatch(changed::contains);
            if (due[i] && nextNanos[i] - System.nanoTime() <= 0) {
                attempt(i);
            }
        }
    }

    private void attempt(int i) {
        boolean rests = true;
        try {
            rests = judged(i);
            due[i] = !rests;
        } catch (RuntimeException e) {
            String why = e instanceof FreshetException ? String.valueOf(e.getMessage()) : e.toString();
            LOG.warn(
                    "test '{}' is judged later: {}",
                    tests.get(i).name(),
                    why.lines().findFirst().orElse(""));
            LOG.debug("test '{}' could not be judged", tests.get(i).name(), e);
        }
        if (rests) {
            nextNanos[i] = System.nanoTime() + interval.toNanos();
        }
    }

    private boolean readsClock(int i) {
        return uses.get(i).filter(use -> use != ClockUse.NONE).isPresent();
    }

    /** False when what the test reads is not there yet. */
    private boolean judged(int i) {
        DataTest test = tests.get(i);
        try (StateSnapshot snapshot = store.read()) {
            boolean isThere = test.inputs().stream()
                    .allMatch(table -> snapshot.output(table).isPresent() || store.isReady(table));
            if (isThere) {
                if (uses.get(i).isEmpty()) {
                    uses.set(i, Optional.of(ClockUse.of(snapshot.syntaxTree(test.verdictQuery()))));
                }
                Instant now = clock.set(snapshot);
                results.found(
                        test,
                        verdict(test, snapshot),
                        readsClock(i) ? now : snapshot.cut().clock());
            }
            return isThere;
        }
    }

    private static Verdict verdict(DataTest test, StateSnapshot snapshot) {
        try {
            return Verdict.of(test, snapshot::query);
        } catch (FreshetException e) {
            if (e.kind() != ErrorKind.USER) {
                throw e;
            }
            return Verdict.error(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.pipeline.Backlog.Waiting;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the cycle on a thread of its own whenever there are changes, staged or on their way there. Owns the state store's transaction. A cycle that fails
 * leaves everything as it was and is tried again with growing pauses; capture goes on meanwhile.
 */
final class CycleWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CycleWorker.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final long NOTICE_MILLIS = 2;
    /** How long a cycle that has done its work waits for the commits to staging that run beside it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What the worker tells the pipeline. */
    interface Events {
        void cycled(Cycle.Result result, Duration took);

        void reloadNeeded(TableId table);

        void failed(RuntimeException error);

        void idle();

        void fatal(Throwable error);
    }

    private final Map<String, Backlog> backlogs;
    private final StateStore state;
    private final Cycle cycle;
    private final BooleanSupplier retryIsDue;
    private final StagingPace pace;
    private final BooleanSupplier paused;
    private final Events events;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Tables whose changes can't be applied until they are loaded anew. Owned by the thread. */
    private final Set<TableId> reloading = new HashSet<>();
    /** Of what the cycle under way has taken, to staging. Owned by the thread. */
    private final List<Future<?>> commits = new ArrayList<>();

    private volatile @Nullable String problem;
    private volatile boolean stopping;
    private volatile boolean working;
    private volatile boolean asked = true;
    private volatile boolean cycled;

    CycleWorker(
            Map<String, Backlog> backlogs,
            StateStore state,
            Cycle cycle,
            BooleanSupplier retryIsDue,
            StagingPace pace,
            BooleanSupplier paused,
            Events events) {
        this.backlogs = Map.copyOf(backlogs);
        this.state = state;
        this.cycle = cycle;
        this.retryIsDue = retryIsDue;
        this.pace = pace;
        this.paused = paused;
        this.events = events;
        this.thread = new Thread(this::run, "cycle");
    }

    void start() {
        thread.start();
    }

    /** Where a source's changes are handed over. */
    SourceWorker.Output input(String source) {
        Backlog backlog = Objects.requireNonNull(backlogs.get(source));
        return new SourceWorker.Output() {
            @Override
            public void add(StagedBatch batch) {
                backlog.add(batch);
                wake();
            }

            @Override
            public Backlog.Offer offer(StagedBatch batch) {
                Backlog.Offer offer = backlog.offer(batch);
                wake();
                return offer;
            }
        };
    }

    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Runs a cycle soon even when nothing is staged: a model that was left alone may go on, or one must stop. */
    void request() {
        asked = true;
        wake();
    }

    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Whether what is new in the project, an edited model for one, has been looked at. */
    boolean hasCycled() {
        return cycled;
    }

    /** Nothing is waiting and no cycle is under way. */
    boolean isIdle() {
        return !working && !asked && backlogs.values().stream().allMatch(Backlog::isEmpty);
    }

    private void run() {
        Duration pause = Duration.ofMillis(200);
        while (!stopping) {
            try {
                if (!awaitWork()) {
                    events.idle();
                    continue;
                }
                working = true;
                boolean always = asked;
                asked = false;
                runOnce(always);
                cycled |= always;
                problem = null;
                pause = Duration.ofMillis(200);
            } catch (ReloadNeededException e) {
                backlogs.values().forEach(Backlog::forget);
                asked = true;
                reloading.add(e.table());
                events.reloadNeeded(e.table());
            } catch (NotStagedException e) {
                LOG.info("the cycle begins again: {}", e.getMessage());
                backlogs.values().forEach(Backlog::forget);
                asked = true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                backlogs.values().forEach(Backlog::forget);
                asked = true;
                events.failed(e);
                if (e instanceof FreshetException known && known.kind() == ErrorKind.USER) {
                    LOG.error("the cycle can't go on: {}", e.getMessage(), e);
                } else {
                    LOG.warn("the cycle is tried again in {} ms: {}", pause.toMillis(), e.getMessage(), e);
                }
                problem = e.getMessage() == null ? e.toString() : e.getMessage();
                pauseFor(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            } catch (Error e) {
                events.fatal(e);
                throw e;
            } finally {
                working = false;
            }
        }
    }

    /** @param always run even with nothing staged: models of a new project version, for one, are computed without any change */
    private void runOnce(boolean always) {
        long began = System.nanoTime();
        Cut cut = state.cut();
        List<StagedBatch> staged = new ArrayList<>();
        commits.clear();
        backlogs.forEach((source, backlog) -> {
            List<Waiting> taken = backlog.take(cut.position(source));
            taken.forEach(waiting -> commits.add(waiting.staged()));
            staged.addAll(unseen(source, taken.stream().map(Waiting::batch).toList(), cut.position(source)));
        });
        if (staged.isEmpty() && !always && !retryIsDue.getAsBoolean()) {
            return;
        }
        List<StagedBatch> applicable =
                staged.stream().map(this::withoutReloading).toList();
        Cycle.Result result = maintain(applicable);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        events.cycled(result, took);
    }

    private Cycle.Result maintain(List<StagedBatch> staged) {
        try {
            return cycle.maintain(staged, this::awaitStaged);
        } catch (NotStagedException e) {
            throw e;
        } catch (RuntimeException e) {
            // The files of a batch that could not be committed go, also under a cycle that reads them.
            commits.stream().filter(Future::isDone).forEach(commit -> await(commit, Duration.ZERO));
            throw e;
        }
    }

    /** Until everything that this cycle works on is durable. Called by its thread. */
    void awaitStaged() {
        long since = System.nanoTime();
        commits.forEach(commit -> await(commit, PATIENCE.minusNanos(System.nanoTime() - since)));
    }

    private void await(Future<?> commit, Duration patience) {
        try {
            commit.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new NotStagedException(
                    "what it worked on could not be staged: " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new NotStagedException("what it worked on is not staged after " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotStagedException("interrupted", e);
        }
    }

    /** What the cycle worked on is not durable, so that nothing of it may be kept. */
    private static final class NotStagedException extends FreshetException {

        private static final long serialVersionUID = 1;

        NotStagedException(String message, Throwable cause) {
            super(ErrorKind.RETRYABLE, message, cause);
        }
    }

    /**
     * What the cut does not cover yet, as one batch: a batch that was read back from staging may also have been remembered. Batches of a source meet, so one
     * that begins after the end of the one before would leave changes out.
     */
    private static List<StagedBatch> unseen(String source, List<StagedBatch> batches, SourcePosition cut) {
        List<StagedBatch> unseen = new ArrayList<>();
        SourcePosition reached = cut;
        for (StagedBatch batch : batches) {
            if (batch.start().isAfter(reached)) {
                throw new FreshetException(
                        ErrorKind.INTERNAL,
                        "batch " + batch.id() + " begins after the position that source '" + source
                                + "' was maintained to");
            }
            if (batch.end().isAfter(reached)) {
                unseen.add(batch);
                reached = batch.end();
            }
        }
        return unseen.stream().reduce(StagedBatch::followedBy).map(List::of).orElse(List.of());
    }

    private StagedBatch withoutReloading(StagedBatch batch) {
        if (reloading.isEmpty()) {
            return batch;
        }
        List<StagedTable> tables = new ArrayList<>();
        for (StagedTable table : batch.tables()) {
            if (table.base().isPresent() || !reloading.contains(table.table())) {
                reloading.remove(table.table());
                tables.add(table);
            } else {
                tables.add(new StagedTable(
                        table.table(),
                        table.schema(),
                        table.after(),
                        table.through(),
                        List.of(),
                        Optional.empty(),
                        true));
            }
        }
        return new StagedBatch(batch.id(), batch.start(), batch.end(), batch.newestCommit(), batch.rows(), tables);
    }

    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            if (paused.getAsBoolean()) {
                pace.busy();
                changed.await(200, TimeUnit.MILLISECONDS);
                return false;
            }
            pace.want();
            long wantedAt = System.nanoTime();
            if (!asked && backlogs.values().stream().allMatch(Backlog::isEmpty)) {
                changed.await(200, TimeUnit.MILLISECONDS);
            }
            if (!asked
                    && !retryIsDue.getAsBoolean()
                    && backlogs.values().stream().allMatch(Backlog::isEmpty)) {
                return false;
            }
            awaitUntil(() -> System.nanoTime() - wantedAt >= StagingPace.NOTICED.toNanos());
            pace.busy();
            awaitUntil(() -> !pace.isStaging());
            return !paused.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    private void awaitUntil(BooleanSupplier done) throws InterruptedException {
        while (!stopping && !done.getAsBoolean()) {
            changed.await(NOTICE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void pauseFor(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (left > 0 && !stopping) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the cycle under way end. Never interrupts it: its library's native calls do not take that well. */
    @Override
    public void close() {
        stopping = true;
        wake();
        try {
            thread.join(Duration.ofSeconds(30).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

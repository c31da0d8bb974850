package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures one source on a thread of its own. Whatever goes wrong, the remedy is the same: close the source, ask staging how far it got, and
 * begin again from there with growing pauses. Nothing is acknowledged in between, so nothing is lost. Only being overtaken by another instance
 * ends it.
 */
final class SourceWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceWorker.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    /** With commits to staging that take longer, cycles beside them would wait for them. */
    private static final Duration QUICK = Duration.ofSeconds(1);

    /** Where the cycle finds what is captured. */
    interface Output {

        /** A batch that is durable. */
        void add(StagedBatch batch);

        /** A batch that can be read and is being made durable. */
        Backlog.Offer offer(StagedBatch batch);
    }

    private final String name;
    private final List<TableId> tables;
    private final Supplier<ChangeSource> sources;
    private final StagingArea staging;
    private final Cycle cycle;
    private final StagingPace pace;
    private final Output output;
    private final PipelineListener listener;
    private final Consumer<Throwable> fatal;
    private final Thread thread;

    private volatile @Nullable ChangeSource source;
    private volatile @Nullable String problem;
    private volatile boolean stopping;
    private volatile SourcePosition staged = SourcePosition.START;
    private volatile Instant stagedAt = Instant.EPOCH;
    private volatile long stagedRows;
    /** Of a batch that is being staged. Owned by the thread, as what follows. */
    private Backlog.@Nullable Offer offer;

    /** When the cycle was or could have been offered it; 0 when it could not. */
    private long offeredAt;
    /** Whether the commit of the last such batch was. */
    private boolean quick = true;

    SourceWorker(
            String name,
            List<TableId> tables,
            Supplier<ChangeSource> sources,
            StagingArea staging,
            Cycle cycle,
            StagingPace pace,
            Output output,
            PipelineListener listener,
            Consumer<Throwable> fatal) {
        this.name = name;
        this.tables = List.copyOf(tables);
        this.sources = sources;
        this.staging = staging;
        this.cycle = cycle;
        this.pace = pace;
        this.output = output;
        this.listener = listener;
        this.fatal = fatal;
        this.thread = new Thread(this::run, "capture-" + name);
    }

    /**
     * Connects and begins.
     *
     * @throws FreshetException when the source refuses: at the start that is the user's to mend
     */
    void start() {
        open();
        thread.start();
    }

    private ChangeSource open() {
        ChangeSource opened = sources.get();
        try {
            ChangeSource.ResumePoint resume = staging.recover(name, tables);
            staged = resume.position();
            opened.start(resume);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        source = opened;
        return opened;
    }

    private void run() {
        Duration pause = Duration.ofMillis(200);
        while (!stopping) {
            try {
                ChangeSource current = source;
                if (current == null) {
                    current = open();
                }
                Optional<StagedBatch> batch = cycle.capture(name, current, pace, this::offer);
                if (batch.isPresent()) {
                    staged = batch.get().end();
                    stagedRows += batch.get().rows();
                    if (batch.get().newestCommit().isAfter(stagedAt)) {
                        stagedAt = batch.get().newestCommit();
                    }
                    listener.staged(batch.get());
                    handOver(batch.get());
                }
                problem = null;
                pause = Duration.ofMillis(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (FreshetException e) {
                if (stopping) {
                    return;
                }
                if (e.kind() == ErrorKind.USER) {
                    fatal.accept(e);
                    return;
                }
                pause = afterFailure(e, pause);
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                pause = afterFailure(e, pause);
            } catch (Error e) {
                fatal.accept(e);
                throw e;
            } finally {
                withdraw("its capture has ended");
                pace.settled(name);
            }
        }
    }

    /** The cycle may begin with a batch that is not durable yet. */
    private void offer(StagedBatch batch) {
        offeredAt = System.nanoTime();
        if (quick) {
            offer = output.offer(batch);
            pace.settled(name);
        }
    }

    private void handOver(StagedBatch batch) {
        if (offeredAt != 0) {
            quick = System.nanoTime() - offeredAt < QUICK.toNanos();
        }
        Backlog.Offer offered = offer;
        offer = null;
        if (offered != null) {
            offered.staged();
        } else {
            output.add(batch);
        }
    }

    /** A batch that was offered did not become durable. */
    private void withdraw(String reason) {
        Backlog.Offer offered = offer;
        offer = null;
        offeredAt = 0;
        if (offered != null) {
            offered.failed(reason);
        }
    }

    private Duration afterFailure(RuntimeException error, Duration pause) {
        String reason = error.getMessage() == null ? error.toString() : error.getMessage();
        problem = reason;
        withdraw(reason);
        listener.failed(
                PipelineListener.Leg.CAPTURE,
                name,
                error instanceof FreshetException known ? known.kind() : ErrorKind.INTERNAL);
        LOG.warn("capture of '{}' begins again in {} ms: {}", name, pause.toMillis(), reason, error);
        closeSource();
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
        Duration next = pause.multipliedBy(2);
        return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    }

    private void closeSource() {
        ChangeSource current = source;
        source = null;
        if (current != null) {
            try {
                current.close();
            } catch (RuntimeException e) {
                LOG.warn("closing the capture of '{}' failed: {}", name, e.getMessage(), e);
            }
        }
    }

    void requestLoad(TableId table) {
        ChangeSource current = source;
        if (current != null) {
            current.requestLoad(table);
        }
    }

    String name() {
        return name;
    }

    List<TableId> tables() {
        return tables;
    }

    /** How far the source's changes are durable. */
    SourcePosition staged() {
        return staged;
    }

    /** A position that covers everything the source had committed before the call; empty while it is away. */
    Optional<SourcePosition> present() {
        ChangeSource current = source;
        if (current == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(current.present());
        } catch (FreshetException e) {
            LOG.debug("'{}' can't tell its present position", name, e);
            return Optional.empty();
        }
    }

    /** @param waiting batches that the cycle has not taken */
    PipelineStatus.Source status(int waiting) {
        ChangeSource current = source;
        Optional<ChangeSource.SourceStatus> status =
                Optional.ofNullable(current).map(ChangeSource::status);
        List<String> problems = new ArrayList<>();
        Optional.ofNullable(problem).ifPresent(problems::add);
        status.flatMap(ChangeSource.SourceStatus::problem).ifPresent(problems::add);
        return new PipelineStatus.Source(
                name,
                status.map(ChangeSource.SourceStatus::connected).orElse(false),
                problems,
                stagedRows,
                stagedAt,
                status.map(ChangeSource.SourceStatus::log).orElse(ChangeSource.LogRetention.UNKNOWN),
                status.map(ChangeSource.SourceStatus::loading).orElse(List.of()),
                waiting);
    }

    /** Stops after the batch in hand is staged. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(5).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeSource();
    }
}

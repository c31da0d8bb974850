package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.verdict.Gates;
import dev.freshet.deploy.verdict.Tests;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.DeliveryListener;
import dev.freshet.publisher.FencedException;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.PublisherSettings;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.Maintainer;
import dev.freshet.transform.plan.ModelClock;
import dev.freshet.transform.plan.ModelPlan;
import dev.freshet.transform.plan.PlannedModel;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running pipeline: a capture thread per source, one cycle thread, a publishing thread per target and one for upkeep. It is opened in the
 * order of the flow and closed in the reverse order; when opening fails half-way, what was opened is closed again.
 */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final int REMEMBERED_BATCHES = 64;
    private static final Duration STRANDED_INTERVAL = Duration.ofSeconds(2);

    private final Project project;
    private final ServiceSettings settings;
    private final PipelineListener listener;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Map<String, SourceWorker> sources = new LinkedHashMap<>();
    private final Map<String, Publisher> publishers = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();
    private final FailingModels failing;
    private final StrandedTables stranded = new StrandedTables();
    private final Map<String, Backlog> backlogs = new HashMap<>();
    private final PauseFile pauseFile;

    private volatile Pauses pauses = Pauses.NONE;
    private volatile Supplier<List<PlannedModel>> plans = List::of;
    /** By the newest cycle. */
    private volatile Map<TableId, String> held = Map.of();

    private @Nullable StateStore state;
    private @Nullable CycleWorker cycle;
    private @Nullable CatchUp catchUp;
    private @Nullable Tests tests;
    private @Nullable Backfills backfills;
    private @Nullable Overview overview;

    private Pipeline(Project project, ServiceSettings settings, Clock clock, PipelineListener listener) {
        this.project = project;
        this.settings = settings;
        this.listener = listener;
        this.failing = new FailingModels(clock);
        this.pauseFile = new PauseFile(settings.directory());
    }

    /** What a pipeline is made of, beside its project. Tests put other parts in. */
    public interface Parts {

        StagingArea staging(ServiceSettings settings);

        StateStore state(ServiceSettings settings);

        /** @throws FreshetException USER naming the known ids */
        ChangeSourceFactory source(Connection connection);

        /** @throws FreshetException USER naming the known ids */
        TargetFactory target(Connection connection);

        /**
         * Reads the tables of an output, whether it can be captured or not.
         *
         * @throws FreshetException USER when its rows can't be read back
         */
        TableReader reader(Connection connection);
    }

    /**
     * Opens everything and starts. When this returns, capture runs.
     *
     * @throws FreshetException with a remedy when a part refuses; nothing keeps running then
     */
    public static Pipeline start(
            Project project,
            ServiceSettings settings,
            Parts parts,
            Takeover takeover,
            Clock clock,
            StepListener steps,
            PipelineListener listener) {
        return start(project, settings, parts, takeover, History.CONTINUED, clock, steps, listener);
    }

    /** The same, with a word about what incremental models have kept until now. */
    public static Pipeline start(
            Project project,
            ServiceSettings settings,
            Parts parts,
            Takeover takeover,
            History history,
            Clock clock,
            StepListener steps,
            PipelineListener listener) {
        Pipeline pipeline = new Pipeline(project, settings, clock, listener);
        try {
            pipeline.open(parts, takeover, history, clock, steps);
            return pipeline;
        } catch (RuntimeException | Error e) {
            pipeline.closeAll();
            throw e;
        }
    }

    private void open(Parts parts, Takeover takeover, History history, Clock clock, StepListener steps) {
        PipelinePlan plan = PipelinePlan.of(project);
        plan.sources().keySet().forEach(name -> parts.source(connection(name)));
        plan.targets().keySet().forEach(name -> parts.target(connection(name)));
        makeDirectories();
        pauses = pauseFile.read();

        StagingArea area = keep(parts.staging(settings));
        Ownership owner = area.acquire(project.pipeline(), takeover, settings.lease());
        opened.push(area::release);
        UpkeepThread upkeep = keep(new UpkeepThread(this::fail));
        upkeep.every(Duration.ofMillis(settings.lease().toMillis() / 4), area::renew);

        StateStore store = keep(parts.state(settings));
        state = store;
        Maintainer maintainer = new IncrementalMaintainer(
                project,
                new SnapshotKeeper(
                        settings.snapshotInterval(),
                        (table, since) -> {
                            part(cycle).awaitStaged();
                            return area.pending(table.connection(), List.of(table), since);
                        },
                        clock),
                new ModelClock(clock, settings.clock().zone(), settings.clock().interval()));
        Restatements restating = keep(new Restatements(
                store,
                maintainer,
                settings.clock().zone(),
                settings.restateBesideRows(),
                () -> part(cycle).request(),
                listener));
        Backfills filling = new Backfills(
                store, maintainer, publishers, model -> restating.models().contains(model), () -> part(cycle)
                        .request());
        backfills = filling;
        plans = () -> maintainer.plans().stream()
                .map(planned ->
                        restating.models().contains(planned.plan().model().relation())
                                ? PlannedModel.of(
                                        new ModelPlan.Restate(planned.plan().model(), Restatements.RESTATED))
                                : planned)
                .toList();
        FullRefresh refresh = new FullRefresh(project, history, store);
        Adoption adopting = keep(new Adoption(project, settings, parts, store, refresh.models(), () -> part(cycle)
                .request()));
        catchUp = new CatchUp(
                sources,
                publishers,
                store,
                () -> adopting.isSettled() && (part(cycle).hasCycled() && restating.isIdle() || pauses.pipeline()),
                () -> pauses,
                () -> fatalError().isPresent());
        Tests judging =
                keep(new Tests(project.tests(), settings.tests(), settings.clock(), store, clock, listener::notice));
        tests = judging;
        Gates gates = judging.gates();
        Cycle flow = new Cycle(
                area,
                store,
                maintainer,
                failing,
                adopting,
                refresh,
                restating,
                filling,
                gates,
                () -> pauses,
                clock,
                settings.clock().zone(),
                steps,
                listener);

        plan.targets().forEach((name, models) -> {
            Publisher publisher = keep(new Publisher(
                    name,
                    parts.target(connection(name)).create(connection(name), owner),
                    store,
                    models,
                    PublisherSettings.DEFAULT,
                    gates.of(name),
                    new DeliveryEvents(steps),
                    clock));
            publishers.put(name, publisher);
        });

        plan.sources()
                .forEach((name, tables) -> backlogs.put(name, new Backlog(name, tables, area, REMEMBERED_BATCHES)));
        StagingPace pace = new StagingPace(settings.batchInterval(), settings.batchRows());
        StoreUpkeep upkeepOfStore = new StoreUpkeep(store, Overview.stateLog(settings), listener);
        CycleWorker worker = keep(new CycleWorker(
                backlogs,
                store,
                flow,
                () -> failing.retryIsDue() || gates.retryIsDue() || maintainer.isDue(),
                pace,
                () -> pauses.pipeline(),
                new CycleEvents(upkeepOfStore)));
        cycle = worker;
        Foldable foldable = new Foldable(
                project, store, publishers, () -> adopting.heldBack().keySet());
        overview =
                new Overview(settings, area, store, sources, backlogs, worker, publishers, failing, foldable, judging);

        plan.sources().forEach((name, tables) -> {
            ChangeSourceFactory factory = parts.source(connection(name));
            ChangeSourceFactory.Setup setup = plan.setup(
                    project,
                    name,
                    Optional.of(owner.owner()),
                    takeover,
                    settings.scratch().resolve(name),
                    area::buffer);
            SourceWorker source = keep(new SourceWorker(
                    name,
                    tables,
                    () -> factory.create(setup),
                    area,
                    flow,
                    pace,
                    worker.input(name),
                    listener,
                    this::fail));
            sources.put(name, source);
        });
        pauses.targets().stream().filter(publishers::containsKey).forEach(name -> part(publishers.get(name))
                .pause());
        publishers.values().forEach(Publisher::start);
        worker.start();
        adopting.start();
        judging.start();
        sources.values().forEach(SourceWorker::start);
        upkeep.every(settings.upkeepInterval(), () -> area.maintain(foldable.through()));
        upkeep.every(STRANDED_INTERVAL, () -> sources.values().forEach(this::loadStranded));
    }

    private Connection connection(String name) {
        return PipelinePlan.connection(project, name);
    }

    private void makeDirectories() {
        try {
            Files.createDirectories(settings.scratch());
            Files.createDirectories(settings.stagingDirectory());
            Files.createDirectories(settings.stateFile().getParent());
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + settings.directory() + "' can't be written: " + e.getMessage()
                            + "; free space or set 'directory' in freshet.yml",
                    e);
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    private void loadStranded(SourceWorker source) {
        StateStore store = part(state);
        PipelineStatus.Source status = part(overview).status(source);
        List<TableId> waiting =
                source.tables().stream().filter(table -> !store.isReady(table)).toList();
        boolean loading = !status.connected() || !status.loading().isEmpty();
        stranded.look(
                        source.tables(),
                        waiting,
                        loading,
                        source.staged(),
                        new StrandedTables.Progress(
                                store.cut().position(status.name()),
                                store.cut().number(),
                                part(cycle).isIdle()))
                .forEach(table -> {
                    LOG.warn("'{}' waits for a load that was asked for and never began: it is loaded now", table);
                    source.requestLoad(table);
                });
    }

    private void fail(Throwable error) {
        if (fatal.compareAndSet(null, error)) {
            LOG.error("the pipeline stops: {}", error.getMessage(), error);
        }
    }

    /** What ended the pipeline by itself, if anything did: it was overtaken, or ran into a defect. */
    public Optional<Throwable> fatalError() {
        return Optional.ofNullable(fatal.get());
    }

    /** How each model is kept and what that costs. Any thread may ask. */
    public List<PlannedModel> plans() {
        return plans.get();
    }

    /**
     * Begins to compute rows of a model anew and to repair them on its target. What is not done when the pipeline ends is forgotten.
     *
     * @throws FreshetException USER when these rows can't be computed by themselves
     */
    public Backfill backfill(Backfill.Request request) {
        return part(backfills).add(request);
    }

    /** The backfills that it was asked for, oldest first, but for the oldest of many. */
    public List<Backfill> backfills() {
        return part(backfills).all();
    }

    /** The data tests that it judges. */
    public Tests tests() {
        return part(tests);
    }

    public PipelineStatus status() {
        return part(overview).status(held, pauses);
    }

    /**
     * Waits until everything that the sources had committed before the call is delivered to every target, as far as models and targets are
     * well.
     *
     * @return false when it did not happen in time
     */
    public boolean catchUp(Duration patience) throws InterruptedException {
        return part(catchUp).untilDelivered(Instant.now().plus(patience));
    }

    /** What is paused now. */
    public Pauses pauses() {
        return pauses;
    }

    /**
     * Pauses and resumes until these and only these are paused, now and after a restart. What is under way is finished.
     *
     * @throws FreshetException RETRYABLE when it can't be remembered; nothing has changed then
     */
    public synchronized void pause(Pauses wanted) {
        pauseFile.write(wanted);
        pauses = wanted;
        // What the newest cycle left out, it may have left out for a pause that is over: the next one tells.
        held = Map.of();
        publishers.forEach((name, publisher) -> {
            if (wanted.targets().contains(name)) {
                publisher.pause();
            } else if (publisher.status().state() == Publisher.State.PAUSED) {
                publisher.resume();
            }
        });
        part(cycle).request();
    }

    /** Stops capture, carries what is staged to the targets as far as that is possible within the drain timeout, and closes everything. */
    @Override
    public void close() {
        Instant deadline = Instant.now().plus(settings.drainTimeout());
        sources.values().forEach(SourceWorker::close);
        try {
            CycleWorker worker = cycle;
            if (worker != null && fatalError().isEmpty()) {
                while (!pauses.pipeline()
                        && !worker.isIdle()
                        && worker.problem().isEmpty()
                        && part(catchUp).pausedBefore(deadline)) {
                    worker.wake();
                }
                if (!part(catchUp).untilTargetsHaveIt(deadline)) {
                    listener.notice(
                            "not everything was delivered in time; the next start continues where this one stopped");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeAll();
    }

    private void closeAll() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.warn("closing went wrong: {}", e.getMessage(), e);
            }
        }
    }

    private static <T> T part(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the pipeline is not open");
        }
        return part;
    }

    private final class DeliveryEvents implements DeliveryListener {

        private final StepListener steps;

        DeliveryEvents(StepListener steps) {
            this.steps = steps;
        }

        @Override
        public void delivered(Delivery delivery) {
            steps.done(Step.PUBLISHED, delivery.output());
            listener.timed(Step.PUBLISHED, delivery.output(), delivery.duration());
            listener.delivered(delivery);
        }

        @Override
        public void failed(String output, FreshetException error) {
            listener.failed(PipelineListener.Leg.DELIVERY, output, error.kind());
            if (error instanceof FencedException) {
                fail(error);
            }
        }
    }

    private final class CycleEvents implements CycleWorker.Events {

        private final StoreUpkeep upkeep;

        CycleEvents(StoreUpkeep upkeep) {
            this.upkeep = upkeep;
        }

        @Override
        public void cycled(Cycle.Result result, Duration took) {
            List<TableDelta> maintained = new ArrayList<>(result.maintained());
            held = result.held();
            publishers.values().forEach(Publisher::cutAvailable);
            part(tests).cycled(result.changed(), maintained);
            listener.cycled(result.cut(), result.staged(), result.changed(), maintained, took);
            upkeep.afterCycle(prunableThrough());
        }

        @Override
        public void reloadNeeded(TableId table) {
            LOG.warn("'{}' is read from its source anew", table);
            listener.notice("'" + table
                    + "' is read from its source anew: a change could not be applied to what was known of it");
            SourceWorker source = sources.get(table.connection());
            if (source != null) {
                source.requestLoad(table);
            }
        }

        @Override
        public void failed(RuntimeException error) {
            listener.failed(
                    PipelineListener.Leg.CYCLE,
                    "",
                    error instanceof FreshetException known ? known.kind() : ErrorKind.INTERNAL);
        }

        @Override
        public void idle() {
            upkeep.whenIdle(prunableThrough());
        }

        private long prunableThrough() {
            return publishers.values().stream()
                    .mapToLong(Publisher::prunableThrough)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }

        @Override
        public void fatal(Throwable error) {
            fail(error);
        }
    }
}

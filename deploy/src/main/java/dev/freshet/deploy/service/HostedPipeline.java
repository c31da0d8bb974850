package dev.freshet.deploy.service;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.live.LiveModels;
import dev.freshet.deploy.live.Served;
import dev.freshet.deploy.observe.Activity;
import dev.freshet.deploy.observe.StatusReport;
import dev.freshet.deploy.observe.StatusReports;
import dev.freshet.deploy.pipeline.Backfill;
import dev.freshet.deploy.pipeline.History;
import dev.freshet.deploy.pipeline.Pauses;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.StepListener;
import dev.freshet.deploy.verdict.Tests;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline and whatever may be asked of it while it runs. It can be replaced by one of a newer project version, while the service stays. Any thread may
 * ask; changes go one after another.
 */
public final class HostedPipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPipeline.class);

    /**
     * @param loader parses the project anew
     * @param version of Freshet, for the status
     */
    public record Setup(
            ServiceSettings settings,
            Pipeline.Parts parts,
            Takeover takeover,
            Clock clock,
            PipelineListener listener,
            Supplier<Served> loader,
            String version) {}

    private static final Duration CATCH_UP_STEP = Duration.ofSeconds(1);

    private final Setup setup;
    private final Activity activity;
    private final Instant startedAt;
    private final PipelineListener listener;
    private final ReentrantLock changes = new ReentrantLock();

    private volatile Served version;
    private volatile Optional<LiveModels> live = Optional.empty();
    private volatile StatusReports reports;
    private volatile StatusReport latest;
    private volatile StatusReport.State state = StatusReport.State.STARTING;
    private volatile @Nullable Pipeline pipeline;
    private volatile @Nullable Throwable failure;

    public HostedPipeline(Served version, Setup setup) {
        this.setup = setup;
        this.activity = new Activity(setup.clock());
        this.startedAt = setup.clock().instant();
        this.listener = PipelineListener.all(activity, setup.listener());
        this.version = version;
        this.reports = reports(version.project());
        this.latest = reports.without(StatusReport.State.STARTING);
    }

    private StatusReports reports(Project project) {
        return new StatusReports(project, activity, setup.clock(), setup.version(), startedAt);
    }

    /**
     * Starts the pipeline.
     *
     * @throws FreshetException as {@link Pipeline#start}
     */
    public Pipeline open() {
        return open(History.CONTINUED);
    }

    /** The same. A later reload continues histories. */
    public Pipeline open(History history) {
        changes.lock();
        try {
            Pipeline started = start(version, setup.takeover(), history);
            state = StatusReport.State.RUNNING;
            return started;
        } finally {
            changes.unlock();
        }
    }

    private Pipeline start(Served served, Takeover takeover, History history) {
        Optional<LiveModels> models = served.parsed()
                .map(parsed ->
                        new LiveModels(parsed, served.project(), setup.settings(), setup.clock(), listener::notice));
        Pipeline started = Pipeline.start(
                served.project(),
                setup.settings(),
                setup.parts(),
                takeover,
                history,
                setup.clock(),
                StepListener.NONE,
                listener);
        pipeline = started;
        live = models;
        models.ifPresent(beside -> beside.start(
                () -> hasDelivered(started),
                output -> started.pauses().pipeline()
                        || started.pauses().targets().contains(output)));
        return started;
    }

    /** Models that run on their target read what is delivered there. */
    private static boolean hasDelivered(Pipeline started) {
        try {
            return started.catchUp(CATCH_UP_STEP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The pipeline as it is now; empty while there is none. A reload replaces it. */
    public Optional<Pipeline> pipeline() {
        return Optional.ofNullable(pipeline);
    }

    public Project project() {
        return version.project();
    }

    public Optional<Throwable> fatalError() {
        Throwable known = failure;
        return known != null ? Optional.of(known) : pipeline().flatMap(Pipeline::fatalError);
    }

    /** Where everything stands now; while the pipeline starts, stops or is replaced, where it stood last. */
    public StatusReport report() {
        Pipeline current = pipeline;
        if (current == null || state != StatusReport.State.RUNNING) {
            return latest.in(state, setup.clock().instant());
        }
        StatusReport report = reports.of(
                current.status(),
                current.plans(),
                live.map(LiveModels::standings).orElse(Map.of()));
        latest = report;
        return report;
    }

    /** What is meant by a name that a person typed. */
    public Pauses.Subject subject(Optional<String> model, Optional<String> target) {
        if (model.isPresent() && target.isPresent()) {
            throw new FreshetException(ErrorKind.USER, "name a model or a target, not both");
        }
        if (target.isPresent()) {
            if (report().targets().stream().noneMatch(known -> known.name().equals(target.get()))) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "nothing is delivered to an output '" + target.get() + "'; see 'freshet status'");
            }
            return new Pauses.Subject.Target(target.get());
        }
        return model.<Pauses.Subject>map(
                        name -> new Pauses.Subject.Model(kept(name).relation()))
                .orElseGet(Pauses.Subject.Everything::new);
    }

    private Model kept(String name) {
        return project().models().stream()
                .filter(known ->
                        known.name().equals(name) || known.relation().toString().equals(name))
                .filter(known -> known.route() == Model.Route.MAINTAINED
                        && known.materialization() != Model.Materialization.EPHEMERAL)
                .findFirst()
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "the service keeps no model '" + name + "'; see 'freshet status' for those it keeps"));
    }

    /**
     * As {@link Pipeline#backfill}, of the pipeline that runs now.
     *
     * @param model its name or relation
     */
    public Backfill backfill(String model, Backfill.Rows rows) {
        return running().backfill(new Backfill.Request(kept(model), rows));
    }

    /** As {@link Pipeline#backfills}; none while there is no pipeline. */
    public List<Backfill> backfills() {
        return pipeline().map(Pipeline::backfills).orElse(List.of());
    }

    /** As {@link Tests#failures}, of the pipeline that runs now. */
    public Tests.Rows failures(String test, int atMost) {
        return running().tests().failures(test, atMost);
    }

    public Pauses pause(Pauses.Subject subject) {
        return change(running -> running.pauses().with(subject));
    }

    public Pauses resume(Pauses.Subject subject) {
        return change(running -> running.pauses().without(subject));
    }

    private Pauses change(Function<Pipeline, Pauses> wanted) {
        changes.lock();
        try {
            Pipeline running = running();
            Pauses pauses = wanted.apply(running);
            running.pause(pauses);
            return pauses;
        } finally {
            changes.unlock();
        }
    }

    private Pipeline running() {
        Pipeline running = pipeline;
        if (running == null || state != StatusReport.State.RUNNING) {
            throw new FreshetException(
                    ErrorKind.RETRYABLE, "the service is " + state.name().toLowerCase(Locale.ROOT));
        }
        return running;
    }

    /** What a reload would change now, changing nothing. */
    public Reload preview() {
        return Reload.between(project(), parsed().project());
    }

    /**
     * Parses the project anew and, when that succeeds, replaces the pipeline: the old one drains, the new one continues from its staging and state.
     *
     * @throws FreshetException when the new version can't be parsed or started; the old one goes on then
     */
    public Reload reload() {
        changes.lock();
        try {
            Pipeline old = running();
            Served next = parsed();
            Reload reload = Reload.between(project(), next.project());
            LOG.info("reload: {}", reload);
            state = StatusReport.State.RELOADING;
            pipeline = null;
            endLive();
            old.close();
            try {
                Pipeline unused = start(next, Takeover.REFUSED, History.CONTINUED);
                version = next;
                reports = reports(next.project());
            } catch (RuntimeException e) {
                goOnWithTheOld(e);
                throw e;
            } finally {
                state = pipeline == null ? StatusReport.State.STOPPED : StatusReport.State.RUNNING;
            }
            return reload;
        } finally {
            changes.unlock();
        }
    }

    private void endLive() {
        live.ifPresent(LiveModels::close);
        live = Optional.empty();
    }

    private Served parsed() {
        Served next = setup.loader().get();
        if (!next.project().pipeline().equals(project().pipeline())) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the project is now pipeline '" + next.project().pipeline() + "', and the service runs '"
                            + project().pipeline()
                            + "': stop it and start another");
        }
        return next;
    }

    private void goOnWithTheOld(RuntimeException cause) {
        try {
            Pipeline unused = start(version, Takeover.REFUSED, History.CONTINUED);
        } catch (RuntimeException e) {
            e.addSuppressed(cause);
            failure = e;
        }
    }

    /** As {@link Pipeline#catchUp}, of the pipeline that runs now; false while there is none. */
    public boolean catchUp(Duration patience) throws InterruptedException {
        Pipeline running = pipeline;
        return running != null && running.catchUp(patience);
    }

    /** Drains and stops, while questions are still answered. */
    public void stop() {
        changes.lock();
        try {
            Pipeline running = pipeline;
            if (running != null) {
                report();
                state = StatusReport.State.STOPPING;
                endLive();
                running.close();
            }
            pipeline = null;
            state = StatusReport.State.STOPPED;
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void close() {
        stop();
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.ProgressReport;
import dev.freshet.deploy.cli.terminal.Signals;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.cli.terminal.Version;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.live.LiveModels;
import dev.freshet.deploy.live.Served;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.pipeline.History;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.PipelineStatus;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.pipeline.StepListener;
import dev.freshet.deploy.run.RunHooks;
import dev.freshet.deploy.service.HostedPipeline;
import dev.freshet.deploy.service.ServiceServer;
import dev.freshet.publisher.Publisher;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description =
                "Keep the project's models fresh until stopped. Ctrl-C or SIGTERM drains and ends with 0; a second one ends at once.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    private static final Duration REPORT_EVERY = Duration.ofSeconds(5);
    private static final String DRAINING = "Draining: what is captured is maintained and delivered";

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Option(names = "--once", description = "Capture to the present, maintain, deliver, exit.")
    boolean once;

    @Option(
            names = "--take-over",
            description = "Replace the instance that owns this pipeline now. That one can change nothing any more.")
    boolean takeOver;

    @Option(
            names = {"-f", "--full-refresh"},
            description =
                    "Begin the histories of incremental models anew and replace their tables, but for those that say 'full_refresh: false'. Done once, at this start.")
    boolean fullRefresh;

    @Option(
            names = "--once-timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "How long --once may take. Default: ${DEFAULT-VALUE}.")
    long onceTimeoutSeconds;

    @Option(
            names = "--port",
            paramLabel = "N",
            description =
                    "Where to listen for HTTP, 0 for any free port. Default: 'service: {port: N}' in freshet.yml, else 8642.")
    @Nullable
    Integer port;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Headline.print(terminal);
        Signals signals = Signals.install();
        ParsedProject parsed = options.parseForService();
        Served served = new Served(ProjectOptions.served(parsed), Optional.of(parsed));
        Project project = served.project();
        Headline.found(terminal, project);
        ServiceSettings settings = SettingsFile.read(project.directory());
        LogFile.open(project.directory());
        ProgressReport report = new ProgressReport(terminal);
        RunHooks hooks = new RunHooks(parsed);
        hooks.start();
        int exit = once ? serveOnce(served, settings, report, signals) : serve(served, settings, report, signals);
        hooks.end();
        terminal.line("Stopped.");
        return exit;
    }

    /** For a schedule: nobody looks at it, so it does not listen. */
    private int serveOnce(Served served, ServiceSettings settings, ProgressReport report, Signals signals)
            throws InterruptedException {
        Project project = served.project();
        try (Pipeline pipeline = Pipeline.start(
                project,
                settings,
                new Plugins(),
                takeover(),
                history(),
                Clock.systemUTC(),
                StepListener.NONE,
                report)) {
            terminal.line("Serving pipeline '" + project.pipeline() + "'");
            int exit = runOnce(pipeline, report, signals);
            exit = exit == 0 ? runLive(served, settings, report) : exit;
            terminal.line(DRAINING);
            return exit;
        }
    }

    private int serve(Served served, ServiceSettings settings, ProgressReport report, Signals signals)
            throws InterruptedException {
        try (PipelineMetrics metrics = new PipelineMetrics();
                HostedPipeline hosted = new HostedPipeline(
                        served,
                        new HostedPipeline.Setup(
                                settings,
                                new Plugins(),
                                takeover(),
                                Clock.systemUTC(),
                                PipelineListener.all(report, metrics),
                                options::loadForService,
                                Version.FRESHET));
                ServiceServer server = ServiceServer.start(
                        port == null ? settings.http() : settings.http().withPort(port),
                        takeOver ? ServiceServer.TakenPort.TAKE_ANOTHER : ServiceServer.TakenPort.REFUSE,
                        settings.directory(),
                        hosted,
                        metrics)) {
            hosted.open(history());
            server.announce();
            terminal.line("Serving pipeline '" + served.project().pipeline() + "' at " + server.url());
            int exit = runUntilStopped(hosted, report, signals);
            terminal.line(DRAINING);
            hosted.stop();
            return exit;
        }
    }

    /** The models that run on their own target, those of them whose inputs changed. */
    private int runLive(Served served, ServiceSettings settings, ProgressReport report) {
        try (LiveModels live = new LiveModels(
                served.parsed().orElseThrow(), served.project(), settings, Clock.systemUTC(), report::notice)) {
            boolean well = live.runDue(output -> false);
            if (!well) {
                terminal.line("Some models that run on their own target failed");
            }
            return well ? 0 : 1;
        }
    }

    private History history() {
        return fullRefresh ? History.ANEW : History.CONTINUED;
    }

    private Takeover takeover() {
        return takeOver ? Takeover.ALLOWED : Takeover.REFUSED;
    }

    private int runOnce(Pipeline pipeline, ProgressReport report, Signals signals) throws InterruptedException {
        long deadline =
                System.nanoTime() + Duration.ofSeconds(onceTimeoutSeconds).toNanos();
        boolean caughtUp = false;
        while (!caughtUp
                && !signals.stopRequested()
                && System.nanoTime() < deadline
                && pipeline.fatalError().isEmpty()) {
            caughtUp = pipeline.catchUp(REPORT_EVERY);
            report.print("");
            report.printProblems(pipeline.status());
        }
        rethrow(pipeline.fatalError());
        PipelineStatus status = pipeline.status();
        boolean isHeld =
                status.targets().stream().anyMatch(target -> target.state().equals(Publisher.State.HELD.name()));
        boolean well = caughtUp && status.failing().isEmpty() && !isHeld;
        terminal.line(
                well
                        ? "Everything is delivered"
                        : !caughtUp
                                ? "Not caught up"
                                : isHeld
                                        ? "Delivered, but for the targets that a gate test holds"
                                        : "Delivered, but for the models that failed");
        return well ? 0 : 1;
    }

    private int runUntilStopped(HostedPipeline hosted, ProgressReport report, Signals signals)
            throws InterruptedException {
        while (!signals.await(REPORT_EVERY.toMillis()) && hosted.fatalError().isEmpty()) {
            report.print("");
            hosted.pipeline().map(Pipeline::status).ifPresent(report::printProblems);
        }
        rethrow(hosted.fatalError());
        return 0;
    }

    private static void rethrow(Optional<Throwable> fatal) {
        fatal.ifPresent(error -> {
            if (error instanceof FreshetException known) {
                throw known;
            }
            throw new FreshetException(ErrorKind.INTERNAL, "the service stopped: " + error, error);
        });
    }
}

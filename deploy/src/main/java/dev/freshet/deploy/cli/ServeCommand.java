package dev.freshet.deploy.cli;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.pipeline.StepListener;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Project;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
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
            names = "--once-timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "How long --once may take. Default: ${DEFAULT-VALUE}.")
    long onceTimeoutSeconds;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Headline.print(terminal);
        Signals signals = Signals.install();
        Project project = options.loadForService();
        Headline.found(terminal, project);
        ServiceSettings settings = SettingsFile.read(project.directory());
        LogFile.open(project.directory());
        ProgressReport report = new ProgressReport(terminal);
        int exit;
        try (Pipeline pipeline = Pipeline.start(
                project,
                settings,
                new Plugins(),
                takeOver ? Pipeline.Takeover.ALLOWED : Pipeline.Takeover.REFUSED,
                Clock.systemUTC(),
                StepListener.NONE,
                report)) {
            terminal.line("Serving pipeline '" + project.pipeline() + "'");
            exit = once ? runOnce(pipeline, report, signals) : runUntilStopped(pipeline, report, signals);
            terminal.line("Draining: what is captured is maintained and delivered");
        }
        terminal.line("Stopped.");
        return exit;
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
            report.printProblems(pipeline);
        }
        rethrow(pipeline);
        boolean well = caughtUp && pipeline.status().failing().isEmpty();
        terminal.line(
                well
                        ? "Everything is delivered"
                        : caughtUp ? "Delivered, but for the models that failed" : "Not caught up");
        return well ? 0 : 1;
    }

    private int runUntilStopped(Pipeline pipeline, ProgressReport report, Signals signals) throws InterruptedException {
        while (!signals.await(REPORT_EVERY.toMillis()) && pipeline.fatalError().isEmpty()) {
            report.print("");
            report.printProblems(pipeline);
        }
        rethrow(pipeline);
        return 0;
    }

    private static void rethrow(Pipeline pipeline) {
        pipeline.fatalError().ifPresent(error -> {
            if (error instanceof FreshetException known) {
                throw known;
            }
            throw new FreshetException(ErrorKind.INTERNAL, "the service stopped: " + error, error);
        });
    }
}

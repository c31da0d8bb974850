package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.ProgressReport;
import dev.freshet.deploy.cli.terminal.Signals;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.cli.terminal.Version;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.demo.DemoBroker;
import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.deploy.demo.DemoSchema;
import dev.freshet.deploy.demo.DemoServers;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.FreshnessProbe;
import dev.freshet.deploy.demo.TopicView;
import dev.freshet.deploy.demo.Verifier;
import dev.freshet.deploy.live.Served;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.service.HostedPipeline;
import dev.freshet.deploy.service.ServiceServer;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Show Freshet at work, with nothing to install: two source databases with live transactions, a warehouse, a Kafka broker, and a"
                    + " dbt project that joins across them. Ctrl-C drains and ends.",
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final Duration REPORT_EVERY = Duration.ofSeconds(2);
    /** In reports. */
    private static final long VIEW_EVERY = 5;

    private static final Duration CATCH_UP_PATIENCE = Duration.ofMinutes(5);

    private final Terminal terminal;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description =
                    "Run that long, then stop the load, drain, compare every table with its model's SQL over the sources, and exit 0 or 1.")
    long seconds;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "500",
            description = "Row changes per second in the sources. Default: ${DEFAULT-VALUE}.")
    int rate;

    @Option(
            names = "--orders",
            paramLabel = "N",
            defaultValue = "20000",
            description = "How many orders the shop starts with. Default: ${DEFAULT-VALUE}.")
    int orders;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            defaultValue = "freshet-demo",
            description =
                    "Where the demo keeps its project and data; emptied at each start. Default: ${DEFAULT-VALUE}.")
    Path directory = Path.of("freshet-demo");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the load. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where to listen for HTTP; any free port when it is taken. Default: 8642.")
    @Nullable
    Integer port;

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Headline.print(terminal);
        DemoWorkload.Settings load = new DemoWorkload.Settings(rate, 4, 10, seed);
        Signals signals = Signals.install();
        Path home = directory.toAbsolutePath().normalize();
        Path projectDirectory = home.resolve("project");
        requireOwn(home);
        terminal.line(
                "Starting an embedded PostgreSQL with the databases shop, crm and warehouse, and an embedded Kafka broker");
        try (DemoServers servers = DemoServers.start(home);
                DemoBroker broker = DemoBroker.start(home)) {
            // Only now: another demo that runs here has its project in use, and was refused above.
            renew(projectDirectory);
            terminal.line(
                    "PostgreSQL listens on 127.0.0.1:" + servers.shop().port() + " (user postgres, password postgres)");
            DemoSchema.create(servers.shop(), servers.crm());
            DemoSchema.seed(servers.shop(), servers.crm(), orders, Instant.now());
            Map<String, String> environment = new HashMap<>(servers.environment());
            environment.putAll(broker.environment());
            Project project = ProjectLoader.load(projectDirectory, options(projectDirectory, environment));
            Headline.found(terminal, project);
            LogFile.open(projectDirectory);
            ServiceSettings settings = SettingsFile.read(projectDirectory);
            ProgressReport report = new ProgressReport(terminal);
            int exit;
            try (PipelineMetrics metrics = new PipelineMetrics();
                    HostedPipeline hosted = new HostedPipeline(
                            Served.of(project),
                            new HostedPipeline.Setup(
                                    settings,
                                    new Plugins(),
                                    Takeover.REFUSED,
                                    Clock.systemUTC(),
                                    PipelineListener.all(report, metrics),
                                    () -> Served.of(ProjectLoader.load(
                                            projectDirectory, options(projectDirectory, environment))),
                                    Version.FRESHET));
                    ServiceServer server = ServiceServer.start(
                            port == null ? settings.http() : settings.http().withPort(port),
                            ServiceServer.TakenPort.TAKE_ANOTHER,
                            settings.directory(),
                            hosted,
                            metrics)) {
                terminal.line("Look at it at " + server.url());
                broker.awaitReady();
                terminal.line("Kafka listens on " + broker.bootstrapServers());
                hosted.open();
                server.announce();
                exit = show(servers, broker, project, hosted, report, load, signals);
                hosted.stop();
            }
            terminal.line(exit == 0 ? "Done." : terminal.colour(Terminal.Outcome.BAD, "Failed."));
            return exit;
        }
    }

    private int show(
            DemoServers servers,
            DemoBroker broker,
            Project project,
            HostedPipeline pipeline,
            ProgressReport report,
            DemoWorkload.Settings load,
            Signals signals)
            throws InterruptedException {
        Instant began = Instant.now();
        terminal.line("First load: every source table is read beside its stream");
        if (!caughtUp(pipeline, report, signals::stopRequested)) {
            return signals.stopRequested() ? 0 : 1;
        }
        terminal.line(String.format(
                Locale.ROOT,
                "Loaded %,d rows and built every model in %.1f s; now %,d row changes a second",
                report.totalCaptured(),
                Duration.between(began, Instant.now()).toMillis() / 1000.0,
                rate));
        report.print("");
        try (FreshnessProbe probe = FreshnessProbe.start(servers.warehouse(), schema(project), Duration.ofMillis(5));
                TopicView view = follow(broker, project)) {
            try (DemoWorkload workload = DemoWorkload.start(servers.shop(), servers.crm(), load, probe)) {
                run(pipeline, report, probe, view, signals);
                terminal.line("Stopping the load");
                workload.stop();
                DemoWorkload.Counters counters = workload.counters();
                terminal.line(String.format(
                        Locale.ROOT,
                        "The load made %,d row changes in %,d transactions (largest %,d rows, %,d truncates)",
                        counters.rowChanges(),
                        counters.transactions(),
                        counters.largestTransaction(),
                        counters.truncates()));
            }
            if (pipeline.fatalError().isPresent()) {
                return 1;
            }
            terminal.line("Draining");
            boolean drained = caughtUp(pipeline, report, () -> false) && probe.awaitAllVisible(Duration.ofSeconds(10));
            report.print("");
            FreshnessProbe.Freshness freshness = probe.overall();
            terminal.line(String.format(
                    Locale.ROOT,
                    "Freshness from source commit to visible in the warehouse, %,d markers: p50 %,d ms, p99 %,d ms, max %,d ms; torn %d",
                    freshness.visible(),
                    freshness.p50().toMillis(),
                    freshness.p99().toMillis(),
                    freshness.max().toMillis(),
                    freshness.torn()));
            terminal.line("An application that follows the topics has read " + view.counts());
            if (seconds <= 0) {
                return 0;
            }
            return verify(servers, broker, project) && drained && freshness.torn() == 0 ? 0 : 1;
        }
    }

    private static TopicView follow(DemoBroker broker, Project project) {
        String output = broker.outputs().keySet().iterator().next();
        Verifier.Topics topics = broker.outputs().get(output);
        return TopicView.follow(
                topics,
                project.models().stream()
                        .map(Model::relation)
                        .filter(relation -> relation.connection().equals(output))
                        .map(topics::topic)
                        .toList());
    }

    private void run(
            HostedPipeline pipeline, ProgressReport report, FreshnessProbe probe, TopicView view, Signals signals)
            throws InterruptedException {
        long reports = 0;
        long end = seconds > 0 ? System.nanoTime() + Duration.ofSeconds(seconds).toNanos() : Long.MAX_VALUE;
        while (System.nanoTime() < end && pipeline.fatalError().isEmpty()) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (signals.await(Math.max(1, Math.min(left, REPORT_EVERY.toMillis())))) {
                return;
            }
            FreshnessProbe.Freshness recent = probe.recent(Duration.ofSeconds(10));
            report.print(String.format(
                    Locale.ROOT,
                    "fresh p50 %,d p99 %,d ms",
                    recent.p50().toMillis(),
                    recent.p99().toMillis()));
            if (++reports % VIEW_EVERY == 0 && !view.newest().isEmpty()) {
                terminal.line("An application sees on " + view.newest());
            }
            pipeline.pipeline().map(Pipeline::status).ifPresent(report::printProblems);
        }
    }

    private boolean caughtUp(HostedPipeline pipeline, ProgressReport report, BooleanSupplier giveUp)
            throws InterruptedException {
        long deadline = System.nanoTime() + CATCH_UP_PATIENCE.toNanos();
        while (System.nanoTime() < deadline && !giveUp.getAsBoolean()) {
            if (pipeline.catchUp(REPORT_EVERY)) {
                return true;
            }
            report.print("");
            pipeline.pipeline().map(Pipeline::status).ifPresent(report::printProblems);
            if (pipeline.fatalError().isPresent()) {
                pipeline.fatalError().ifPresent(error -> terminal.line("The pipeline stopped: " + error.getMessage()));
                return false;
            }
        }
        if (!giveUp.getAsBoolean()) {
            terminal.line("Not caught up after " + CATCH_UP_PATIENCE.toSeconds() + " s");
        }
        return false;
    }

    private boolean verify(DemoServers servers, DemoBroker broker, Project project) {
        terminal.line(
                "Verifying: each model's SQL over the sources, run by a database of its own, against the warehouse and what a late reader makes"
                        + " of the topics");
        Verifier verifier = new Verifier(
                Map.of("shop", servers.shop(), "crm", servers.crm(), "warehouse", servers.warehouse()),
                broker.outputs());
        List<TableId> sources =
                project.sources().stream().map(SourceTable::table).toList();
        List<Verifier.ModelCheck> checks = project.models().stream()
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .map(model -> new Verifier.ModelCheck(model.relation(), model.sql()))
                .toList();
        boolean equal = true;
        for (Verifier.Verdict verdict : verifier.verify(sources, checks)) {
            terminal.outcome(
                    String.format(Locale.ROOT, "%s, %,d rows", verdict.table().name(), verdict.deliveredRows()),
                    verdict.equal() ? Terminal.Outcome.GOOD : Terminal.Outcome.BAD,
                    verdict.equal() ? "EQUAL" : "DIFFERENT");
            if (!verdict.equal()) {
                equal = false;
                verdict.problem().ifPresent(problem -> terminal.line("  " + problem));
                terminal.line("  " + verdict.missing() + " rows missing, " + verdict.unexpected() + " unexpected");
                verdict.examples().forEach(example -> terminal.line("  " + example));
            }
        }
        terminal.line(
                equal
                        ? terminal.colour(Terminal.Outcome.GOOD, "Every table and topic equals its model")
                        : terminal.colour(Terminal.Outcome.BAD, "Some differ from their model"));
        return equal;
    }

    private static String schema(Project project) {
        return project.models().stream()
                .filter(model -> model.name().equals("order_summary"))
                .findFirst()
                .orElseThrow()
                .relation()
                .schema();
    }

    private static ProjectLoader.Options options(Path projectDirectory, Map<String, String> environment) {
        return new ProjectLoader.Options(
                Optional.of(projectDirectory),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                environment,
                projectDirectory,
                true,
                false,
                Instant.now());
    }

    /** Empties what an earlier demo left, and nothing else: only a directory that is new, empty or marked as a demo's is touched. */
    private static void requireOwn(Path home) {
        Path mark = home.resolve(".freshet-demo");
        try {
            if (Files.isDirectory(home) && !Files.exists(mark)) {
                try (Stream<Path> entries = Files.list(home)) {
                    if (entries.findAny().isPresent()) {
                        throw new FreshetException(
                                ErrorKind.USER,
                                "'" + home + "' is not empty and not a demo's: name another one with --directory");
                    }
                }
            }
            Files.createDirectories(home);
            if (!Files.exists(mark)) {
                Files.createFile(mark);
            }
        } catch (IOException e) {
            throw unwritable(home, e);
        }
    }

    private static void renew(Path project) {
        try {
            if (Files.exists(project)) {
                try (Stream<Path> old = Files.walk(project)) {
                    for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
            Files.createDirectories(project);
        } catch (IOException e) {
            throw unwritable(project, e);
        }
        DemoProject.copyTo(project);
    }

    private static FreshetException unwritable(Path directory, IOException error) {
        return new FreshetException(
                ErrorKind.USER,
                "'" + directory + "' can't be written: " + error.getMessage() + "; name another one with --directory",
                error);
    }
}

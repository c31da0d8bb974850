package dev.freshet.benchmarks;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.deploy.demo.DemoSchema;
import dev.freshet.deploy.demo.DemoServers;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.FreshnessProbe;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelineStatus;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.node.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How old what a reader of the warehouse sees is: from just before a source's COMMIT is sent until a query at the target finds the row, on the
 * demo's project under live load, by marker transactions whose three items must never be seen apart.
 */
final class FreshnessBenchmark implements Benchmark {

    private static final long SEED = 1;
    private static final int CONNECTIONS = 4;
    private static final int MARKERS_PER_SECOND = 20;
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration REPORT_EVERY = Duration.ofSeconds(5);
    private static final Duration CATCH_UP = Duration.ofMinutes(5);
    private static final Duration CATCH_UP_STEP = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(5);

    private final Path directory;
    private final Set<String> told = new HashSet<>();

    FreshnessBenchmark(Path directory) {
        this.directory = directory;
    }

    @Override
    public String name() {
        return "freshness";
    }

    @Override
    public String summary() {
        return "from a source's commit to visible in the target, under live load on the demo's project";
    }

    @Override
    public Map<String, Long> options() {
        Map<String, Long> options = new LinkedHashMap<>();
        options.put("seconds", 60L);
        options.put("rate", 1_000L);
        options.put("orders", 200_000L);
        ServiceSettings defaults = ServiceSettings.defaults(directory);
        options.put("batch-millis", defaults.batchInterval().toMillis());
        options.put("state-threads", (long) defaults.threads());
        return options;
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws IOException, InterruptedException {
        Path home = directory.resolve("project");
        Files.createDirectories(home);
        console.line("Starting PostgreSQL (fsync on) and filling it with %,d orders", arguments.get("orders"));
        try (DemoServers servers = DemoServers.start(directory.resolve("servers"))) {
            DemoSchema.create(servers.shop(), servers.crm());
            DemoSchema.seed(servers.shop(), servers.crm(), Math.toIntExact(arguments.get("orders")), Instant.now());
            DemoProject.copyTo(home);
            Files.writeString(
                    home.resolve("freshet.yml"),
                    "batch: {interval: %dms}%nstate: {threads: %d}%n"
                            .formatted(arguments.get("batch-millis"), arguments.get("state-threads")));
            Project project = load(home, servers);
            StepTimes times = new StepTimes(console::line);
            long began = System.nanoTime();
            try (Pipeline pipeline = Pipeline.start(
                    project,
                    SettingsFile.read(home),
                    new Plugins(),
                    Takeover.REFUSED,
                    Clock.systemUTC(),
                    times,
                    times)) {
                catchUp(pipeline, console);
                double loadSeconds = (System.nanoTime() - began) / 1e9;
                console.line(
                        "Loaded %,d rows and delivered every model in %.1f s; %s",
                        times.rows(), loadSeconds, ProcessMemory.describe());
                return measure(arguments, console, servers, project, pipeline, times);
            }
        }
    }

    private Outcome measure(
            Arguments arguments,
            Console console,
            DemoServers servers,
            Project project,
            Pipeline pipeline,
            StepTimes times)
            throws InterruptedException {
        int rate = Math.toIntExact(arguments.get("rate"));
        FreshnessProbe.Freshness freshness;
        double made;
        try (FreshnessProbe probe = FreshnessProbe.start(servers.warehouse(), schema(project), POLL);
                DemoWorkload workload = DemoWorkload.start(
                        servers.shop(),
                        servers.crm(),
                        new DemoWorkload.Settings(rate, CONNECTIONS, MARKERS_PER_SECOND, SEED),
                        probe)) {
            console.line("%,d row changes a second; warming up for %d s", rate, WARM_UP.toSeconds());
            watch(console, pipeline, probe, WARM_UP);
            probe.restart();
            times.restart();
            long before = workload.counters().rowChanges();
            long began = System.nanoTime();
            watch(console, pipeline, probe, Duration.ofSeconds(arguments.get("seconds")));
            made = (workload.counters().rowChanges() - before) / ((System.nanoTime() - began) / 1e9);
            workload.stop();
            console.line("Load stopped; waiting for what is under way");
            catchUp(pipeline, console);
            probe.awaitAllVisible(Duration.ofSeconds(10));
            freshness = probe.overall();
        }
        times.lines().forEach(line -> console.line("  " + line));
        console.line(ProcessMemory.describe());
        console.line("The load made %,.0f row changes a second", made);
        return new Outcome(values(arguments, freshness, made), failure(freshness, rate, made));
    }

    private static Map<String, String> values(Arguments arguments, FreshnessProbe.Freshness freshness, double made) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("p50_ms", Long.toString(freshness.p50().toMillis()));
        values.put("p99_ms", Long.toString(freshness.p99().toMillis()));
        values.put("max_ms", Long.toString(freshness.max().toMillis()));
        values.put("markers", Long.toString(freshness.visible()));
        values.put("torn", Long.toString(freshness.torn()));
        values.put("rate", Long.toString(Math.round(made)));
        values.put("orders", Long.toString(arguments.get("orders")));
        values.put("rss_mb", Long.toString(ProcessMemory.kilobytes("VmHWM:") / 1024));
        return values;
    }

    private static Optional<String> failure(FreshnessProbe.Freshness freshness, int rate, double made) {
        if (freshness.torn() > 0) {
            return Optional.of(freshness.torn() + " marker transactions were first seen torn");
        }
        if (freshness.visible() == 0 || freshness.pending() > 0 || freshness.unwatched() > 0) {
            return Optional.of(freshness.pending() + " markers never arrived and " + freshness.unwatched()
                    + " were not followed, of "
                    + (freshness.visible() + freshness.pending() + freshness.unwatched()));
        }
        if (made < 0.9 * rate) {
            return Optional.of("the load fell behind its rate, so freshness was measured under less of it");
        }
        return Optional.empty();
    }

    private void watch(Console console, Pipeline pipeline, FreshnessProbe probe, Duration time)
            throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            TimeUnit.NANOSECONDS.sleep(Math.max(1, Math.min(end - System.nanoTime(), REPORT_EVERY.toNanos())));
            requireHealth(console, pipeline);
            FreshnessProbe.Freshness recent = probe.recent(REPORT_EVERY);
            console.line(
                    "  fresh p50 %,d ms  p99 %,d ms  (%,d markers seen, %,d under way, %d torn)",
                    recent.p50().toMillis(),
                    recent.p99().toMillis(),
                    recent.visible(),
                    recent.pending(),
                    recent.torn());
        }
    }

    private void catchUp(Pipeline pipeline, Console console) throws InterruptedException {
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        while (!pipeline.catchUp(CATCH_UP_STEP)) {
            requireHealth(console, pipeline);
            if (System.nanoTime() - deadline > 0) {
                throw new FreshetException(
                        ErrorKind.INTERNAL,
                        "the pipeline did not catch up within " + CATCH_UP.toMinutes() + " minutes");
            }
        }
    }

    private void requireHealth(Console console, Pipeline pipeline) {
        pipeline.fatalError().ifPresent(error -> {
            throw new FreshetException(ErrorKind.INTERNAL, "the pipeline stopped: " + error.getMessage(), error);
        });
        PipelineStatus status = pipeline.status();
        status.problem().ifPresent(problem -> tell(console, "the cycle: " + problem));
        status.sources()
                .forEach(source -> source.problems().forEach(problem -> tell(console, source.name() + ": " + problem)));
        status.targets().forEach(target -> target.problem()
                .ifPresent(problem -> tell(console, target.name() + ": " + problem)));
        status.failing().forEach((model, reason) -> tell(console, model + ": " + reason));
    }

    private void tell(Console console, String problem) {
        if (told.add(problem)) {
            console.line("Problem: " + problem);
        }
    }

    private static Project load(Path home, DemoServers servers) {
        return ProjectLoader.load(
                home,
                new ProjectLoader.Options(
                        Optional.of(home),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        servers.environment(),
                        home,
                        true,
                        false,
                        Instant.now()));
    }

    private static String schema(Project project) {
        return project.models().stream()
                .filter(model -> model.name().equals("order_summary"))
                .map(Model::relation)
                .findFirst()
                .orElseThrow()
                .schema();
    }
}

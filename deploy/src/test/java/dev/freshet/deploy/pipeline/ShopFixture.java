package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.deploy.demo.DemoSchema;
import dev.freshet.deploy.demo.DemoServers;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.deploy.demo.Verifier;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The demo's databases and project in a directory, for tests of the whole service. */
public final class ShopFixture implements AutoCloseable {

    public static final Duration PATIENCE = Duration.ofSeconds(120);

    private final DemoServers servers;
    private final Path project;
    private final Map<String, String> environment;

    private ShopFixture(DemoServers servers, Path project) {
        this.servers = servers;
        this.project = project;
        this.environment = new HashMap<>(servers.environment());
    }

    public static ShopFixture create(Path directory, int orders) {
        return create(directory, orders, "batch:\n  interval: 50ms\nstaging:\n  upkeep_interval: 2s\n");
    }

    public static ShopFixture create(Path directory, int orders, String settings) {
        DemoServers servers = DemoServers.start(directory);
        Path project = directory.resolve("project");
        try {
            Files.createDirectories(project);
            DemoProject.copyTo(project);
            // Tests of several builds run side by side on one machine.
            Files.writeString(project.resolve("freshet.yml"), settings + "service:\n  port: 0\n");
        } catch (IOException e) {
            servers.close();
            throw new UncheckedIOException(e);
        }
        DemoSchema.create(servers.shop(), servers.crm());
        DemoSchema.seed(servers.shop(), servers.crm(), orders, Instant.now());
        return new ShopFixture(servers, project);
    }

    public Path project() {
        return project;
    }

    /** Makes the warehouse a DuckDB file. */
    public void deliverTo(Path file) throws IOException {
        Path profile = project.resolve("profiles.yml");
        String text = Files.readString(profile);
        int from = text.indexOf("    warehouse:");
        int to = text.indexOf("    # Where applications follow changes");
        Files.writeString(
                profile,
                text.substring(0, from) + "    warehouse:\n      type: duckdb\n      path: \"" + file
                        + "\"\n      schema: analytics\n\n" + text.substring(to));
    }

    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Another value for an environment variable of the project, from the next load on. */
    public void environment(String name, String value) {
        environment.put(name, value);
    }

    public PostgresAddress shop() {
        return servers.shop();
    }

    public PostgresAddress crm() {
        return servers.crm();
    }

    public PostgresAddress warehouse() {
        return servers.warehouse();
    }

    public Project load() {
        return load(project, environment);
    }

    public static Project load(Path directory, Map<String, String> environment) {
        return ProjectLoader.load(
                directory,
                new ProjectLoader.Options(
                        Optional.of(directory),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        environment,
                        directory,
                        true,
                        false,
                        Instant.now()));
    }

    public ServiceSettings settings() {
        return SettingsFile.read(project);
    }

    public Pipeline start() {
        return start(Takeover.REFUSED);
    }

    public Pipeline start(Takeover takeover) {
        return Pipeline.start(
                load(),
                settings(),
                new Plugins(),
                takeover,
                Clock.systemUTC(),
                StepListener.NONE,
                new PipelineListener() {});
    }

    public DemoWorkload workload(int changesPerSecond, long seed) {
        return DemoWorkload.start(
                shop(),
                crm(),
                new DemoWorkload.Settings(changesPerSecond, 3, 5, seed),
                DemoWorkload.MarkerListener.NONE);
    }

    /** Writes or replaces a model of the project. */
    public void model(String name, String sql) {
        try {
            Files.writeString(project.resolve("models").resolve(name + ".sql"), sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes all other models from the project, and what is said about models. */
    public void keepOnly(Collection<String> models) {
        try (Stream<Path> walk = Files.walk(project.resolve("models"))) {
            List<Path> files = walk.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.equals("models.yml")
                        || (name.endsWith(".sql") && !models.contains(name.substring(0, name.length() - 4)))) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void execute(PostgresAddress database, String... statements) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Serves until the present is delivered, then compares every table with its model. The load must have stopped. */
    public void catchUpAndVerify() throws InterruptedException {
        try (Pipeline pipeline = start()) {
            assertThat(pipeline.catchUp(PATIENCE))
                    .as("caught up: %s", pipeline.status())
                    .isTrue();
        }
        verify();
    }

    public void verify() {
        verify(load());
    }

    /** Compares every table of a version of the project, or of a copy of it, with its model. */
    public void verify(Project loaded) {
        Verifier verifier = new Verifier(
                Map.of(
                        "shop",
                        shop(),
                        "crm",
                        crm(),
                        "warehouse",
                        warehouse(),
                        "second",
                        warehouse(),
                        "mine",
                        warehouse()),
                Map.of("events", new Verifier.Topics(environment.getOrDefault("SHOP_DEMO_KAFKA", ""), "shop")));
        List<TableId> sources =
                loaded.sources().stream().map(SourceTable::table).toList();
        List<Verifier.ModelCheck> checks = loaded.models().stream()
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .map(model -> new Verifier.ModelCheck(model.relation(), model.sql()))
                .toList();
        assertThat(verifier.verify(sources, checks)).isNotEmpty().allSatisfy(verdict -> assertThat(verdict.equal())
                .as("%s", verdict)
                .isTrue());
    }

    @Override
    public void close() {
        servers.close();
    }
}

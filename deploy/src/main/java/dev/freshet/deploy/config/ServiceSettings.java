package dev.freshet.deploy.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of the service, from {@code freshet.yml} beside {@code dbt_project.yml}. Every default is in {@link #defaults}.
 *
 * @param directory run-time data, {@code .freshet} in the project unless told otherwise
 * @param stagingDirectory the default catalog and its files; instances that are to take over from each other share it
 * @param batchInterval how long changes are gathered into one batch
 * @param batchRows a batch is closed after the transaction that reaches this many rows
 * @param stateMemoryBytes what the state store's engine may use
 * @param deltaLogRows how many delta rows are kept for targets that lag; beyond it a target is brought back by comparison
 * @param threads of the engine
 * @param upkeepInterval how often staging is tended
 * @param lease after how long a silent owner of the pipeline counts as gone
 * @param drainTimeout how long an orderly stop may take
 * @param http where the service listens
 * @param tests what is made of data tests
 * @param snapshotInterval how long a snapshot rests after it has looked
 * @param pushdownInterval how long a model that lives on its own target rests after it began; zero for never running it
 * @param restateBesideRows models that read or hold so many rows are computed beside the cycles when their text is new
 * @param clock what models take for the time
 * @param catalog Iceberg catalog properties, verbatim; empty for the catalog on local files
 */
public record ServiceSettings(
        Path directory,
        Path stagingDirectory,
        Duration batchInterval,
        long batchRows,
        long stateMemoryBytes,
        long deltaLogRows,
        int threads,
        Duration upkeepInterval,
        Duration lease,
        Duration drainTimeout,
        HttpSettings http,
        TestSettings tests,
        Duration snapshotInterval,
        Duration pushdownInterval,
        long restateBesideRows,
        ClockSettings clock,
        Map<String, String> catalog) {

    public ServiceSettings {
        catalog = Map.copyOf(catalog);
    }

    public static ServiceSettings defaults(Path project) {
        return new ServiceSettings(
                project.resolve(".freshet"),
                project.resolve(".freshet").resolve("staging"),
                Duration.ofMillis(100),
                50_000,
                2L << 30,
                5_000_000,
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                HttpSettings.DEFAULT,
                TestSettings.DEFAULT,
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                100_000,
                ClockSettings.DEFAULT,
                Map.of());
    }

    /** The same settings with other, local run-time data, for a command that needs room of its own. */
    public ServiceSettings in(Path other) {
        return new ServiceSettings(
                other,
                other.resolve("staging"),
                batchInterval,
                batchRows,
                stateMemoryBytes,
                deltaLogRows,
                threads,
                upkeepInterval,
                lease,
                drainTimeout,
                http,
                tests,
                snapshotInterval,
                pushdownInterval,
                restateBesideRows,
                clock,
                Map.of());
    }

    public Path stateFile() {
        return directory.resolve("state").resolve("state.duckdb");
    }

    public Path scratch() {
        return directory.resolve("scratch");
    }
}

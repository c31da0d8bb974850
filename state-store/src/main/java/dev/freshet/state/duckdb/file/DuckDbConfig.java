package dev.freshet.state.duckdb.file;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * How a state store runs.
 *
 * @param file the database file; its directory is created when missing
 * @param memoryLimitBytes what DuckDB may use for data; beyond it large steps spill
 * @param temporaryDirectory where they spill to
 * @param threads how many cores one statement may use
 * @param deltaLogRows how many changed rows the delta logs keep over all models before the oldest cuts are forgotten
 * @param readableDirectories where staged files lie. Nothing outside is read, by a batch or by a model's SQL
 * @param clock for the name of a file that is set aside
 * @param ids for the identity of a new store
 */
public record DuckDbConfig(
        Path file,
        long memoryLimitBytes,
        Path temporaryDirectory,
        int threads,
        long deltaLogRows,
        List<Path> readableDirectories,
        Clock clock,
        Supplier<UUID> ids) {

    private static final long SMALLEST_MEMORY_LIMIT = 64L << 20;

    /** Refuses bounds with which no store works. */
    public DuckDbConfig {
        readableDirectories = List.copyOf(readableDirectories);
        if (memoryLimitBytes < SMALLEST_MEMORY_LIMIT) {
            throw new IllegalArgumentException(
                    "a state store needs at least 64 MiB of memory, not " + memoryLimitBytes + " bytes");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("a state store needs at least one thread, not " + threads);
        }
        if (deltaLogRows < 0) {
            throw new IllegalArgumentException("the delta log can't be bounded to " + deltaLogRows + " rows");
        }
    }
}

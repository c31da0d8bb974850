package dev.freshet.transform.plan;

import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/** A state store of a test's own. */
final class TestStore {

    private TestStore() {}

    /** In a file of this directory, which it may read staged files from. */
    static DuckDbStateStore open(Path directory, int threads) {
        return DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 29,
                directory.resolve("spill"),
                threads,
                1_000_000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID));
    }
}

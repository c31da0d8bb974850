package dev.freshet.deploy.verdict;

import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.transform.project.node.DataTest;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** A store with one model, and tests of it. */
final class JudgedModel implements AutoCloseable {

    static final TableId TABLE = new TableId("warehouse", "analytics", "people");

    final DuckDbStateStore store;
    final Clock clock;

    JudgedModel(Path directory, Clock clock) {
        this.clock = clock;
        this.store = DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 28,
                directory.resolve("spill"),
                1,
                1000,
                List.of(directory),
                clock,
                UUID::randomUUID));
    }

    /** @param failing what is true of rows that fail */
    static DataTest test(String name, String failing) {
        return new DataTest(
                "test.p." + name,
                name,
                "tests/" + name + ".sql",
                Optional.empty(),
                Set.of(TABLE),
                List.of(TABLE),
                "select * from " + StateNames.relation(TABLE) + " where " + failing,
                new DataTest.Terms(true, "count(*)", "!= 0", "!= 0", OptionalLong.empty()));
    }

    static TableDelta compute(StateTransaction transaction, String sql) {
        return transaction.recompute(TABLE, sql, List.of());
    }

    @Override
    public void close() {
        store.close();
    }
}

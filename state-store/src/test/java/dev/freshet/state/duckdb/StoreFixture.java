package dev.freshet.state.duckdb;

import dev.freshet.state.Column;
import dev.freshet.state.Cut;
import dev.freshet.state.DataType;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A store in a directory of its own, and short words for what tests do with it. */
final class StoreFixture implements AutoCloseable {

    final Path directory;
    final StagedFiles files;
    DuckDbStateStore store;

    StoreFixture(Path directory) {
        this.directory = directory;
        this.files = new StagedFiles(directory);
        this.store = DuckDbStateStore.open(config(directory));
    }

    static DuckDbConfig config(Path directory) {
        return new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 30,
                directory.resolve("spill"),
                2,
                1_000_000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID);
    }

    void reopen() {
        store.close();
        store = DuckDbStateStore.open(config(directory));
    }

    static TableSchema schema(List<String> key, Object... namesAndTypes) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            columns.add(new Column((String) namesAndTypes[i], (DataType) namesAndTypes[i + 1]));
        }
        return new TableSchema(columns, key);
    }

    /** Of the last {@link #apply}. */
    List<Reconciliation> reconciliations = List.of();

    /** One cycle that only reconciles. */
    List<TableDelta> apply(StagedBatch batch) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> deltas = transaction.reconcile(batch);
            reconciliations = transaction.reconciliations();
            transaction.commit(Map.of(batch.source(), batch.end()), Instant.EPOCH);
            return deltas;
        }
    }

    /** One cycle that only computes a model. */
    TableDelta compute(TableId model, String sql, String... key) {
        try (StateTransaction transaction = store.begin()) {
            TableDelta delta = transaction.recompute(model, sql, List.of(key));
            transaction.commit(Map.of(), Instant.EPOCH);
            return delta;
        }
    }

    Cut commitNothing() {
        try (StateTransaction transaction = store.begin()) {
            return transaction.commit(Map.of(), Instant.EPOCH);
        }
    }

    /** The rows of a query with their number of copies. */
    Map<List<@Nullable Object>, Long> rows(String sql) {
        try (StateSnapshot snapshot = store.read();
                RowCursor rows = snapshot.query(sql)) {
            return bag(rows);
        }
    }

    Map<List<@Nullable Object>, Long> contents(TableId table) {
        return rows("SELECT * FROM " + StateNames.relation(table));
    }

    static Map<List<@Nullable Object>, Long> bag(RowCursor rows) {
        Map<List<@Nullable Object>, Long> bag = new HashMap<>();
        while (rows.next()) {
            List<@Nullable Object> row = new ArrayList<>();
            for (int i = 0; i < rows.schema().columns().size(); i++) {
                row.add(rows.value(i));
            }
            bag.merge(row, rows.weight(), Long::sum);
        }
        return bag;
    }

    static List<@Nullable Object> row(@Nullable Object... values) {
        return Arrays.asList(values);
    }

    @Override
    public void close() {
        store.close();
        files.close();
    }
}

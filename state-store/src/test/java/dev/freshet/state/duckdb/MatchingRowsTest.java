package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that several models look for. */
class MatchingRowsTest {

    private static final TableId ITEMS = new TableId("shop", "public", "items");
    private static final TableId MODEL = new TableId("dw", "analytics", "model");
    private static final TableSchema SCHEMA = schema(List.of("id"), "id", Simple.INTEGER, "n", Simple.INTEGER);
    private static final String SQL = "select id, n, 'x' as other from " + StateNames.relation(ITEMS);
    private static final ChangedValues CHANGED = new ChangedValues(ITEMS, "id");

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
        fixture.apply(items(0, put("c", 1, 1), put("c", 2, 2), put("c", 3, 3)));
        fixture.compute(MODEL, SQL, "id");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private StagedBatch items(long after, Event... events) {
        List<Event> placed = java.util.Arrays.stream(events)
                .map(event -> new Event(
                        event.op(),
                        after + 10,
                        after + 10,
                        event.sequence(),
                        event.values(),
                        event.unavailable(),
                        null,
                        null))
                .toList();
        return batch(ITEMS, SCHEMA, after, after + 10, fixture.files.write(SCHEMA, placed));
    }

    private static Event put(String op, int id, int n) {
        return new Event(op, 0, 0, id, new Object[] {id, n}, Set.of(), null, null);
    }

    private static Map<List<@Nullable Object>, Long> rows(StateTransaction transaction, String relation) {
        try (var rows = transaction.query("SELECT * FROM " + relation)) {
            return StoreFixture.bag(rows);
        }
    }

    @Test
    void theRowsOfChangedValuesInTheColumnsThatAreNeeded() {
        try (StateTransaction transaction = fixture.store.begin()) {
            transaction.reconcile(items(10, put("u", 2, 20)));
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            String relation = state.matching(MODEL, "id", List.of(CHANGED), List.of("id", "n"));
            assertThat(rows(transaction, relation)).isEqualTo(Map.of(row(2, 2), 1L));
            assertThat(state.matching(MODEL, "id", List.of(CHANGED), List.of("id")))
                    .as("has these, too")
                    .isEqualTo(relation);
        }
    }

    @Test
    void areLookedForAgainWhenTheTableChanged() {
        try (StateTransaction transaction = fixture.store.begin()) {
            transaction.reconcile(items(10, put("u", 2, 20), put("c", 4, 4)));
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            state.matching(MODEL, "id", List.of(CHANGED), List.of("id", "n"));
            transaction.recompute(MODEL, SQL, List.of("id"));
            String relation = state.matching(MODEL, "id", List.of(CHANGED), List.of("id", "n"));
            assertThat(rows(transaction, relation)).isEqualTo(Map.of(row(2, 20), 1L, row(4, 4), 1L));
        }
    }
}

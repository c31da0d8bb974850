package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import dev.freshet.state.duckdb.mirror.RowsAtHand;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are found in the pass over a table that its own changes need. The two tables are of two sources, which a transaction may meet in either order. */
class RowsAtHandTest {

    private static final TableId LINES = new TableId("shop", "public", "lines");
    private static final TableId ITEMS = new TableId("crm", "public", "items");
    private static final TableId ORDERS = new TableId("crm", "public", "orders");
    private static final TableSchema LINE = schema(
            List.of("order_id", "line"), "order_id", Simple.INTEGER, "line", Simple.INTEGER, "n", Simple.INTEGER);
    private static final TableSchema ORDER = schema(List.of("id"), "id", Simple.INTEGER, "n", Simple.INTEGER);
    private static final List<ChangedValues> OF_ORDERS = List.of(new ChangedValues(ORDERS, "id"));
    private static final List<ChangedValues> OF_BOTH =
            List.of(new ChangedValues(LINES, "order_id"), new ChangedValues(ORDERS, "id"));

    @TempDir
    Path directory;

    private StoreFixture fixture;
    private long position;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
        fixture.apply(lines(put("c", 1, 1, 0), put("c", 1, 2, 0), put("c", 2, 1, 0), put("c", 3, 1, 0)));
        fixture.apply(orders(put("c", 1, 0), put("c", 2, 0), put("c", 3, 0)));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Event put(String op, Object... values) {
        return Event.of(op, 0, 0, values);
    }

    private StagedBatch lines(Event... events) {
        return changes(LINES, LINE, List.of(events));
    }

    private StagedBatch orders(Event... events) {
        return changes(ORDERS, ORDER, List.of(events));
    }

    private StagedBatch changes(TableId table, TableSchema schema, List<Event> events) {
        long after = fixture.store.cut().position(table.connection()).ordinal();
        List<Event> placed = new ArrayList<>();
        for (Event event : events) {
            placed.add(new Event(
                    event.op(),
                    after + 10,
                    after + 10,
                    ++position,
                    event.values(),
                    event.unavailable(),
                    event.poison(),
                    null));
        }
        return batch(table, schema, after, after + 10, fixture.files.write(schema, placed));
    }

    /** What is at hand in a cycle that takes these batches one after the other. */
    private Optional<Map<List<@Nullable Object>, Long>> atHand(List<ChangedValues> values, StagedBatch... batches) {
        return atHand(LINES, values, batches);
    }

    private Optional<Map<List<@Nullable Object>, Long>> atHand(
            TableId table, List<ChangedValues> values, StagedBatch... batches) {
        try (StateTransaction transaction = fixture.store.begin()) {
            for (StagedBatch batch : batches) {
                transaction.reconcile(batch);
            }
            Optional<Map<List<@Nullable Object>, Long>> found = transaction
                    .rowMaintenance()
                    .orElseThrow()
                    .atHand(table, "order_id", values)
                    .map(relation -> rows(transaction, relation));
            transaction.commit(
                    Map.copyOf(Arrays.stream(batches).collect(Collectors.toMap(StagedBatch::source, StagedBatch::end))),
                    Instant.EPOCH);
            return found;
        }
    }

    private void asked() {
        assertThat(atHand(OF_BOTH, orders(put("u", 3, 1)), lines(put("u", 3, 1, 1))))
                .as("nobody could know")
                .isEmpty();
    }

    @Test
    void rowsAsTheyAreNowOfTheChangesOfEitherTable() {
        asked();
        assertThat(atHand(
                        OF_BOTH,
                        orders(put("u", 1, 5)),
                        lines(put("d", 1, 1, 0), put("c", 1, 3, 7), put("u", 2, 1, 8))))
                .contains(Map.of(row(1, 2, 0), 1L, row(1, 3, 7), 1L, row(2, 1, 8), 1L));
        assertThat(atHand(OF_ORDERS, orders(put("d", 2, 0)), lines(put("c", 4, 1, 9))))
                .as("whoever wants fewer values")
                .contains(Map.of(row(2, 1, 8), 1L, row(4, 1, 9), 1L));
    }

    @Test
    void ofATableOfTheSameBatchWhoseTurnIsLater() {
        assertThat(ofTheSameBatch(OF_ORDERS)).contains(Map.of(row(1, 1, 0), 1L, row(2, 1, 9), 1L));
    }

    @Test
    void notByAColumnWhoseFormerValuesEventsDoNotTell() {
        assertThat(ofTheSameBatch(List.of(new ChangedValues(ORDERS, "n")))).isEmpty();
    }

    /** What is at hand of a table for a table that is compared after it, the second time. */
    private Optional<Map<List<@Nullable Object>, Long>> ofTheSameBatch(List<ChangedValues> values) {
        fixture.apply(changes(ITEMS, LINE, List.of(put("c", 1, 1, 0), put("c", 2, 1, 0))));
        assertThat(atHand(ITEMS, values, itemsAndOrders(8)))
                .as("nobody could know")
                .isEmpty();
        return atHand(ITEMS, values, itemsAndOrders(9));
    }

    private StagedBatch itemsAndOrders(int n) {
        long after = fixture.store.cut().position("crm").ordinal();
        List<Event> items = List.of(Event.of("u", after + 10, 1, 2, 1, n));
        List<Event> orders = List.of(Event.of("u", after + 10, 2, 1, n), Event.of("c", after + 10, 3, 2, 0));
        return batch(
                "crm",
                after,
                after + 10,
                StagedFiles.table(ITEMS, LINE, after, after + 10, fixture.files.write(LINE, items)),
                StagedFiles.table(ORDERS, ORDER, after, after + 10, fixture.files.write(ORDER, orders)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whateverHappensAtTheSource(int seed) {
        Random random = new Random(seed);
        List<SimulatedTable> tables = List.of(
                new SimulatedTable(new TableId("s", "p", "a"), List.of("rid", "first_event"), false, random),
                new SimulatedTable(new TableId("s", "p", "b"), List.of("rid"), false, random));
        int present = 0;
        long start = 0;
        for (int cycle = 0; cycle < 40; cycle++) {
            long from = start;
            long end = start + 1;
            for (SimulatedTable table : tables) {
                table.transaction(end, end);
                table.remember(end);
            }
            StagedBatch batch = batch(
                    "s",
                    from,
                    end,
                    tables.stream()
                            .map(table -> StagedFiles.table(
                                    table.id,
                                    table.schema,
                                    from,
                                    end,
                                    fixture.files.write(table.schema, table.events(from, end))))
                            .toArray(StagedTable[]::new));
            start = end;
            try (StateTransaction transaction = fixture.store.begin()) {
                transaction.reconcile(batch);
                for (SimulatedTable table : tables) {
                    present += transaction.isReady(table.id) && isRight(transaction, table, tables, random) ? 1 : 0;
                }
                transaction.commit(Map.of("s", batch.end()), Instant.EPOCH);
            }
        }
        assertThat(present).isGreaterThan(15);
    }

    /** False when nothing is at hand. */
    private static boolean isRight(
            StateTransaction transaction, SimulatedTable table, List<SimulatedTable> tables, Random random) {
        RowMaintenance state = transaction.rowMaintenance().orElseThrow();
        List<ChangedValues> values = tables.stream()
                .map(other -> new ChangedValues(other.id, "rid"))
                .filter(other -> state.changed(other.table()) && random.nextInt(4) > 0)
                .toList();
        Optional<String> found = values.isEmpty() ? Optional.empty() : state.atHand(table.id, "rid", values);
        if (found.isEmpty()) {
            return false;
        }
        String wanted = values.stream()
                .map(value -> "SELECT rid FROM " + StateNames.delta(value.table()))
                .collect(Collectors.joining(" UNION ALL ", " WHERE rid IN (", ")"));
        String all = StateNames.relation(table.id);
        assertThat(rows(transaction, found.get() + wanted))
                .as("rows of %s for %s", table.id, values)
                .isEqualTo(rows(transaction, all + wanted));
        assertThat(rows(transaction, all).entrySet())
                .containsAll(rows(transaction, found.get()).entrySet());
        return true;
    }

    private static Map<List<@Nullable Object>, Long> rows(StateTransaction transaction, String from) {
        try (RowCursor rows = transaction.query("SELECT * FROM " + from)) {
            return StoreFixture.bag(rows);
        }
    }

    @Test
    void afterATransactionThatFailed() {
        asked();
        try (StateTransaction failing = fixture.store.begin()) {
            failing.reconcile(lines(put("u", 1, 1, 99)));
        }
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), lines(put("u", 2, 1, 8))))
                .contains(Map.of(row(1, 1, 0), 1L, row(1, 2, 0), 1L, row(2, 1, 8), 1L));
    }

    @Test
    void notOfASourceThatComesLater() {
        asked();
        assertThat(atHand(OF_ORDERS, lines(put("u", 2, 1, 8)), orders(put("u", 1, 5))))
                .isEmpty();
    }

    @Test
    void notForValuesThatNobodyAskedFor() {
        atHand(OF_ORDERS, orders(put("u", 3, 1)), lines(put("u", 3, 1, 1)));
        assertThat(atHand(OF_BOTH, orders(put("u", 1, 5)), lines(put("u", 2, 1, 8))))
                .isEmpty();
        assertThat(atHand(OF_BOTH, orders(put("u", 1, 6)), lines(put("u", 2, 1, 9))))
                .isPresent();
    }

    @Test
    void notWhenTheTableItselfIsComparedAsAWhole() {
        asked();
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), lines(put("t"), put("c", 1, 1, 1))))
                .isEmpty();
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 6)), lines(put("c", 1, 2, 8))))
                .contains(Map.of(row(1, 1, 1), 1L, row(1, 2, 8), 1L));
    }

    @Test
    void notWhenTheTableGetsAnotherShape() {
        asked();
        TableSchema wider = schema(
                List.of("order_id", "line"),
                "order_id",
                Simple.INTEGER,
                "line",
                Simple.INTEGER,
                "n",
                Simple.INTEGER,
                "more",
                Simple.VARCHAR);
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), changes(LINES, wider, List.of(put("u", 2, 1, 8, "x")))))
                .isEmpty();
        assertThat(atHand(OF_ORDERS, orders(put("u", 2, 6)), changes(LINES, wider, List.of(put("c", 2, 2, 9, "y")))))
                .contains(Map.of(row(2, 1, 8, "x"), 1L, row(2, 2, 9, "y"), 1L));
    }

    @Test
    void notWhenTheTableHasRowsThatCannotBeHeld() {
        asked();
        assertThat(atHand(
                        OF_ORDERS,
                        orders(put("u", 1, 5)),
                        lines(put("u", 2, 1, 8), put("u", 3, 1, 0).poisoned("no date"))))
                .isEmpty();
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 6)), lines(put("u", 2, 1, 9))))
                .isEmpty();
    }

    @Test
    void rowsThatMovedToAnotherKey() {
        asked();
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), lines(put("d", 1, 1, 0), put("c", 2, 5, 0))))
                .contains(Map.of(row(1, 2, 0), 1L, row(2, 1, 0), 1L, row(2, 5, 0), 1L));
    }

    @Test
    void tooManyAreNotFetched() {
        List<Event> many = new ArrayList<>();
        for (int line = 10; line < 10 + RowsAtHand.MANY; line++) {
            many.add(put("c", 1, line, 0));
        }
        fixture.apply(changes(LINES, LINE, many));
        asked();
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), lines(put("u", 2, 1, 8))))
                .isEmpty();
        assertThat(atHand(OF_ORDERS, orders(put("u", 3, 6)), lines(put("u", 2, 1, 9))))
                .as("nor tried again")
                .isEmpty();
    }

    @Test
    void whatIsNeverAskedForAgainIsNotFetchedForLong() {
        asked();
        for (int i = 0; i < 32; i++) {
            fixture.apply(lines(put("u", 2, 1, i + 10)));
        }
        assertThat(atHand(OF_ORDERS, orders(put("u", 1, 5)), lines(put("u", 2, 1, 8))))
                .isEmpty();
    }
}

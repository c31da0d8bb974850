package dev.freshet.publisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every target has to do, whatever it is. A subclass says how to open one and how to read a table back. */
public abstract class TargetContract {

    protected static final PipelineId PIPELINE = new PipelineId("shop", "prod");
    protected static final TableSchema BAG = schema();
    protected static final TableSchema KEYED = schema("a");
    protected static final TableSchema COMPOSITE = schema("a", "b");

    protected MemoryStateStore store = new MemoryStateStore(5);
    protected String space = "";
    protected Target target = unopened();

    /** Columns a BIGINT, b VARCHAR, c VARCHAR. */
    protected static TableSchema schema(String... key) {
        return new TableSchema(
                List.of(
                        new Column("a", Simple.BIGINT),
                        new Column("b", Simple.VARCHAR),
                        new Column("c", Simple.VARCHAR)),
                List.of(key));
    }

    /** An empty schema or namespace that no other test uses. */
    protected abstract String newSpace();

    protected abstract Target open(Ownership owner);

    /** The rows of a table with the columns of {@link #schema}, with their numbers. */
    protected abstract Map<Row, Long> contents(TableId table);

    protected abstract boolean exists(TableId table);

    /** How many rows a table has, and the sum of its first column. */
    protected abstract long[] countAndSum(TableId table);

    /** Someone changes what was delivered; {@code %s} stands for the table's name. */
    protected abstract void byHand(TableId table, String... statements);

    /** What a target does that readers follow as a log instead of querying. */
    protected enum Kind {
        /** It holds tables: several cuts come as one, and contents can be compared. */
        TABLES,
        /** It tells of each cut, and tells the whole contents anew where it can't tell of changes. */
        LOG
    }

    protected Kind kind() {
        return Kind.TABLES;
    }

    private Method restatement(Method ofTables) {
        return kind() == Kind.TABLES ? ofTables : Method.RESTATEMENT;
    }

    protected static Ownership owner(long epoch) {
        return new Ownership(PIPELINE, epoch, UUID.randomUUID());
    }

    @BeforeEach
    void openTarget() {
        space = newSpace();
        target = open(owner(1));
    }

    @AfterEach
    void closeTarget() {
        target.close();
    }

    protected TableId table(String name) {
        return new TableId("warehouse", space, name);
    }

    protected static PublishedModel model(TableId table, TableSchema schema) {
        return new PublishedModel(table, schema.key());
    }

    protected Receipt publish(TableId... tables) {
        return publish(target, tables);
    }

    protected Receipt publish(Target to, TableId... tables) {
        try (StateSnapshot snapshot = store.read()) {
            return to.publish(
                    snapshot,
                    Arrays.stream(tables)
                            .map(t -> new PublishedModel(
                                    t,
                                    snapshot.output(t)
                                            .map(o -> o.schema().key())
                                            .orElse(List.of())))
                            .toList());
        }
    }

    protected static TableReceipt only(Receipt receipt) {
        assertThat(receipt.tables()).hasSize(1);
        return receipt.tables().get(0);
    }

    protected void assertEqual(TableId... tables) {
        for (TableId table : tables) {
            assertThat(contents(table)).as("%s", table).isEqualTo(store.rows(table));
        }
    }

    @Test
    void firstDeliveryCreatesAndFills() {
        TableId keyed = table("keyed");
        TableId bag = table("bag");
        store.cycle()
                .put(keyed, KEYED, List.of(Row.of(1L, "x", "y"), Row.of(2L, null, "z")))
                .put(bag, BAG, List.of(Row.of(1L, "x", "y"), Row.of(1L, "x", "y"), Row.of(null, null, null)))
                .commit();
        Receipt receipt = publish(keyed, bag, table("never_maintained"));
        assertThat(receipt.cut()).isEqualTo(store.cut());
        assertThat(receipt.tables())
                .extracting(TableReceipt::table, TableReceipt::method, TableReceipt::deleted, TableReceipt::inserted)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(keyed, Method.CREATION, 0L, 2L),
                        org.assertj.core.groups.Tuple.tuple(bag, Method.CREATION, 0L, 3L));
        assertEqual(keyed, bag);
        assertThat(exists(table("never_maintained"))).isFalse();
    }

    @Test
    void deltaTouchesWhatChangedOnly() {
        TableId keyed = table("keyed");
        TableId still = table("still");
        store.cycle()
                .put(keyed, KEYED, rows(1, 100, "before"))
                .put(still, BAG, rows(1, 100, "before"))
                .commit();
        publish(keyed, still);
        store.cycle()
                .change(
                        keyed,
                        Map.of(
                                Row.of(1L, "before", "1"), -1L,
                                Row.of(2L, "before", "2"), -1L,
                                Row.of(2L, "after", "2"), 1L,
                                Row.of(101L, "new", "101"), 1L))
                .commit();
        Receipt receipt = publish(keyed, still);
        assertThat(receipt.tables())
                .containsExactly(
                        new TableReceipt(keyed, Method.DELTA, 2, 2, 0, Optional.empty()),
                        TableReceipt.unchanged(still));
        assertEqual(keyed, still);
    }

    @Test
    void replayIsHarmless() {
        TableId bag = table("bag");
        store.cycle().put(bag, BAG, rows(1, 10, "x")).commit();
        publish(bag);
        StateSnapshot before = store.read();
        store.cycle().change(bag, Map.of(Row.of(1L, "x", "1"), 4L)).commit();
        publish(bag);
        assertThat(only(publish(bag)).method()).isEqualTo(Method.UNCHANGED);
        assertEqual(bag);
        target.close();
        target = open(owner(1));
        assertThat(only(publish(bag)).method()).isEqualTo(Method.UNCHANGED);
        assertEqual(bag);
        // An old snapshot can only come from a state store that was set back: its rows are the truth then.
        Receipt receipt = target.publish(before, List.of(model(bag, BAG)));
        assertThat(only(receipt).method()).isEqualTo(restatement(Method.COMPARISON));
        assertThat(contents(bag)).containsEntry(Row.of(1L, "x", "1"), 1L);
    }

    @Test
    void severalCutsComeAsOne() {
        TableId keyed = table("keyed");
        store.cycle().put(keyed, KEYED, rows(1, 10, "0")).commit();
        publish(keyed);
        for (int i = 1; i <= 4; i++) {
            store.cycle().put(keyed, KEYED, rows(1 + i, 10 + i, "" + i)).commit();
        }
        TableReceipt receipt = only(publish(keyed));
        assertThat(receipt.method()).isEqualTo(Method.DELTA);
        assertThat(receipt.inserted()).isEqualTo(kind() == Kind.TABLES ? 10 : 40);
        assertEqual(keyed);
    }

    @Test
    void emptyDeltaMovesTheLedgerOnly() {
        TableId bag = table("bag");
        store.cycle().put(bag, BAG, rows(1, 10, "x")).commit();
        publish(bag);
        for (int i = 0; i < 10; i++) {
            store.cycle().commit();
            assertThat(only(publish(bag)).method()).isEqualTo(Method.UNCHANGED);
        }
        // Beyond the log's five cuts, had the ledger not moved.
        store.cycle().change(bag, Map.of(Row.of(1L, "x", "1"), -1L)).commit();
        assertThat(only(publish(bag)).method()).isEqualTo(Method.DELTA);
        assertEqual(bag);
    }

    @Test
    void bagsKeepTheNumberOfCopies() {
        TableId bag = table("bag");
        Row full = Row.of(1L, "x", "y");
        Row hole = Row.of(1L, null, "y");
        Row empty = Row.of(1L, "", "y");
        Row nothing = Row.of(null, null, null);
        store.cycle().put(bag, BAG, List.of(full, full, hole, empty, nothing)).commit();
        publish(bag);
        store.cycle()
                .change(bag, Map.of(full, 1L, hole, 2L, empty, -1L, nothing, -1L))
                .commit();
        assertThat(only(publish(bag)).method()).isEqualTo(Method.DELTA);
        assertThat(contents(bag)).isEqualTo(Map.of(full, 3L, hole, 3L));
        store.cycle().change(bag, Map.of(full, -2L, hole, -3L, nothing, 2L)).commit();
        publish(bag);
        assertThat(contents(bag)).isEqualTo(Map.of(full, 1L, nothing, 2L));
    }

    @Test
    void ofManyEqualRowsOnlyThoseThatComeAndGoAreTouched() {
        Assumptions.assumeTrue(kind() == Kind.TABLES, "a log tells of every row");
        TableId bag = table("bag");
        Row many = Row.of(1L, "x", "y");
        Row others = Row.of(null, "x", null);
        List<Row> rows = new ArrayList<>(Collections.nCopies(500, many));
        rows.addAll(Collections.nCopies(300, others));
        store.cycle().put(bag, BAG, rows).commit();
        publish(bag);
        store.cycle().change(bag, Map.of(many, -2L, others, 3L)).commit();
        assertThat(publish(bag).tables())
                .containsExactly(new TableReceipt(bag, Method.DELTA, 2, 3, 0, Optional.empty()));
        assertThat(contents(bag)).isEqualTo(Map.of(many, 498L, others, 303L));
        store.cycle().change(bag, Map.of(others, -303L, many, -1L)).commit();
        assertThat(publish(bag).tables())
                .containsExactly(new TableReceipt(bag, Method.DELTA, 304, 0, 0, Optional.empty()));
        assertThat(contents(bag)).isEqualTo(Map.of(many, 497L));
    }

    @Test
    void aBagThatLacksDeliveredRowsIsComparedWhole() {
        Assumptions.assumeTrue(kind() == Kind.TABLES, "a log tells of every row");
        TableId bag = table("bag");
        Row gone = Row.of(1L, "x", "y");
        Row changed = Row.of(2L, "x", "y");
        store.cycle().put(bag, BAG, List.of(gone, gone, changed, changed)).commit();
        publish(bag);
        byHand(bag, "delete from %s where a = 1", "update %s set b = 'by hand' where a = 2");
        store.cycle().change(bag, Map.of(gone, -1L)).commit();
        assertThat(publish(bag).tables()).extracting(TableReceipt::method).containsExactly(Method.COMPARISON);
        assertEqual(bag);
    }

    @Test
    void whatWasChangedByHandIsRepairedWhereAsked() {
        Assumptions.assumeTrue(kind() == Kind.TABLES, "nobody changes what a log has told");
        for (TableSchema schema : List.of(KEYED, BAG)) {
            TableId table = table("repaired_" + schema.key().size());
            List<Row> rows = LongStream.rangeClosed(1, 5)
                    .mapToObj(i -> Row.of(i, "b" + i, i == 5 ? null : "c"))
                    .toList();
            store.cycle().put(table, schema, rows).commit();
            publish(table);
            byHand(
                    table,
                    "update %s set c = 'other' where a in (2, 3)",
                    "delete from %s where a in (4, 5)",
                    "insert into %s values (2, 'one', 'more'), (9, 'one', 'more')");

            repair(table, Optional.of(new RowPart.Values("a", List.of("2", "4", "7"))));
            assertThat(contents(table))
                    .as("these rows and no others")
                    .isEqualTo(Map.of(
                            Row.of(1L, "b1", "c"),
                            1L,
                            Row.of(2L, "b2", "c"),
                            1L,
                            Row.of(3L, "b3", "other"),
                            1L,
                            Row.of(4L, "b4", "c"),
                            1L,
                            Row.of(9L, "one", "more"),
                            1L));
            repair(
                    table,
                    Optional.of(new RowPart.Values(
                            List.of("a", "b"), List.of(List.of("3", "b3"), List.of("5", "b4"), List.of("9", "none")))));
            assertThat(contents(table))
                    .as("values belong together")
                    .containsKeys(Row.of(3L, "b3", "c"), Row.of(9L, "one", "more"))
                    .doesNotContainKey(Row.of(5L, "b5", null));
            // Behind the newest cut it is compared whole, and what changed comes with it.
            store.cycle().change(table, Map.of(Row.of(1L, "b1", "c"), -1L)).commit();
            repair(table, Optional.of(new RowPart.Values("a", List.of("2"))));
            assertEqual(table);
            byHand(table, "delete from %s");
            assertThat(repair(table, Optional.empty()).method()).isEqualTo(Method.COMPARISON);
            assertEqual(table);
        }
    }

    private TableReceipt repair(TableId table, Optional<RowPart> part) {
        try (StateSnapshot snapshot = store.read()) {
            List<PublishedModel> models = List.of(new PublishedModel(
                    table, snapshot.output(table).orElseThrow().schema().key()));
            return only(target.publish(snapshot, models, List.of(new Repair(table, part))));
        }
    }

    @Test
    void nullMatchesNullInKeys() {
        TableId table = table("composite");
        store.cycle()
                .put(
                        table,
                        COMPOSITE,
                        List.of(
                                Row.of(1L, "x", "0"),
                                Row.of(1L, null, "0"),
                                Row.of(null, "x", "0"),
                                Row.of(null, null, "0"),
                                Row.of(2L, null, "0")))
                .commit();
        publish(table);
        store.cycle()
                .put(
                        table,
                        COMPOSITE,
                        List.of(
                                Row.of(1L, "x", "1"),
                                Row.of(1L, null, "1"),
                                Row.of(null, "x", "0"),
                                Row.of(null, null, "1")))
                .commit();
        TableReceipt receipt = only(publish(table));
        assertThat(receipt.method()).isEqualTo(Method.DELTA);
        assertThat(receipt.deleted()).isEqualTo(4);
        assertEqual(table);
    }

    @Test
    void keysMove() {
        TableId table = table("keyed");
        store.cycle().put(table, KEYED, rows(1, 4, "x")).commit();
        publish(table);
        store.cycle()
                .put(
                        table,
                        KEYED,
                        List.of(
                                Row.of(1L, "x", "2"),
                                Row.of(2L, "x", "1"),
                                Row.of(30L, "x", "3"),
                                Row.of(4L, "x", "4")))
                .commit();
        publish(table);
        assertEqual(table);
    }

    @Test
    void hostileNamesAreOnlyNames() {
        TableId table = table("a \"b\"; drop table x --' \\ ü$1? {}");
        TableSchema hostile = new TableSchema(
                List.of(
                        new Column("select", Simple.BIGINT),
                        new Column("\"'; --\\ ?", Simple.VARCHAR),
                        new Column("\u00e9\u4e2d\ud83d\ude00 $1", Simple.VARCHAR)),
                List.of("\"'; --\\ ?"));
        store.cycle()
                .put(table, hostile, List.of(Row.of(1L, "k1", "x"), Row.of(2L, "k2", "y")))
                .commit();
        publish(table);
        store.cycle()
                .put(table, hostile, List.of(Row.of(1L, "k1", "'; drop"), Row.of(3L, null, "y")))
                .commit();
        publish(table);
        assertEqual(table);
    }

    @Test
    void beyondTheLogATableIsCompared() {
        TableId keyed = table("keyed");
        TableId bag = table("bag");
        store.cycle()
                .put(keyed, KEYED, rows(1, 50, "0"))
                .put(bag, BAG, rows(1, 50, "0"))
                .commit();
        publish(keyed, bag);
        for (int i = 1; i <= 10; i++) {
            store.cycle()
                    .put(keyed, KEYED, rows(i, 50, "0"))
                    .put(bag, BAG, twice(rows(i, 50, "0")))
                    .commit();
        }
        Receipt receipt = publish(keyed, bag);
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsOnly(restatement(Method.COMPARISON));
        assertThat(receipt.tables().get(0).deleted()).isEqualTo(kind() == Kind.TABLES ? 9 : 0);
        assertThat(receipt.tables().get(0).inserted()).isEqualTo(kind() == Kind.TABLES ? 0 : 41);
        assertEqual(keyed, bag);
    }

    @Test
    void anotherStateStoreIsCompared() {
        TableId keyed = table("keyed");
        store.cycle().put(keyed, KEYED, rows(1, 50, "0")).commit();
        publish(keyed);
        store = new MemoryStateStore(5);
        store.cycle().commit();
        store.cycle().put(keyed, KEYED, rows(3, 51, "0")).commit();
        TableReceipt receipt = only(publish(keyed));
        assertThat(receipt.method()).isEqualTo(restatement(Method.COMPARISON));
        assertThat(receipt.deleted()).isEqualTo(kind() == Kind.TABLES ? 2 : 0);
        assertThat(receipt.inserted()).isEqualTo(kind() == Kind.TABLES ? 1 : 49);
        assertEqual(keyed);
    }

    @Test
    void changedColumnsReplaceTheTable() {
        TableId table = table("keyed");
        store.cycle().put(table, KEYED, rows(1, 5, "0")).commit();
        publish(table);
        TableSchema text = new TableSchema(
                List.of(
                        new Column("a", Simple.VARCHAR),
                        new Column("b", Simple.VARCHAR),
                        new Column("c", Simple.VARCHAR)),
                List.of("a"));
        store.cycle().put(table, text, List.of(Row.of("1", "2", "3"))).commit();
        assertThat(only(publish(table)).method()).isEqualTo(restatement(Method.SWAP));
        store.cycle().put(table, KEYED, rows(1, 5, "back")).commit();
        assertThat(only(publish(table)).method()).isEqualTo(restatement(Method.SWAP));
        assertEqual(table);
        store.cycle().put(table, KEYED, rows(2, 6, "back")).commit();
        assertThat(only(publish(table)).method()).isEqualTo(Method.DELTA);
        assertEqual(table);
    }

    @Test
    void aZombieIsRefused() {
        TableId table = table("keyed");
        store.cycle().put(table, KEYED, rows(1, 5, "0")).commit();
        publish(table);
        try (Target successor = open(owner(2))) {
            // Nothing is new, yet its first delivery shuts the door.
            assertThat(only(publish(successor, table)).method()).isEqualTo(Method.UNCHANGED);
            store.cycle().put(table, KEYED, rows(1, 5, "zombie")).commit();
            assertThatThrownBy(() -> publish(target, table))
                    .isInstanceOf(FencedException.class)
                    .hasMessageContaining("another instance has taken over pipeline 'shop/prod'")
                    .extracting(e -> ((FreshetException) e).kind())
                    .isEqualTo(ErrorKind.USER);
            assertThatThrownBy(() -> target.retract(List.of(model(table, KEYED))))
                    .isInstanceOf(FencedException.class);
            assertThat(contents(table)).containsKey(Row.of(1L, "0", "1"));
            publish(successor, table);
            assertEqual(table);
        }
    }

    @Test
    void retractRemovesWhatWasDeliveredOnly() {
        TableId first = table("first");
        TableId second = table("second");
        TableId foreign = table("foreign");
        store.cycle()
                .put(first, KEYED, rows(1, 5, "0"))
                .put(second, BAG, rows(1, 5, "0"))
                .commit();
        publish(first, second);
        target.retract(List.of(model(second, BAG), model(foreign, BAG)));
        assertThat(exists(second)).isFalse();
        assertThat(exists(first)).isTrue();
        assertThat(only(publish(first)).method()).isEqualTo(Method.UNCHANGED);
        assertThat(only(publish(second)).method()).isEqualTo(Method.CREATION);
        assertEqual(first, second);
    }

    @Test
    void heldModelKeepsItsLastRows() {
        TableId table = table("keyed");
        TableId other = table("other");
        store.cycle()
                .put(table, KEYED, rows(1, 5, "0"))
                .put(other, BAG, rows(1, 2, "0"))
                .commit();
        publish(table, other);
        store.cycle()
                .hold(table, "its SQL fails")
                .put(other, BAG, rows(1, 3, "0"))
                .commit();
        assertThat(publish(table, other).tables())
                .extracting(TableReceipt::method)
                .containsExactly(Method.UNCHANGED, Method.DELTA);
        assertEqual(table, other);
    }

    /** Goes in like a small one, and is not held in memory. */
    @Test
    void aMillionRowsComeAsADelta() {
        TableId table = table("keyed");
        long last = Long.getLong("freshet.delta.rows", 1_000_000) + 10;
        store.cycle().put(table, KEYED, rows(1, 10, "x")).commit();
        publish(table);
        store.cycle().put(table, KEYED, rows(6, last, "x")).commit();
        TableReceipt receipt = only(publish(table));
        assertThat(receipt.method()).isEqualTo(Method.DELTA);
        assertThat(receipt.deleted()).isEqualTo(5);
        assertThat(receipt.inserted()).isEqualTo(last - 10);
        assertThat(countAndSum(table)).containsExactly(last - 5, last * (last + 1) / 2 - 15);
    }

    /** Whatever the cuts bring and whenever the target is served, it equals the contents. */
    @Test
    void randomCutsConverge() {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println("TargetContract.randomCutsConverge seed " + seed);
        Random random = new Random(seed);
        List<TableId> tables = List.of(table("keyed"), table("bag"), table("composite"));
        List<TableSchema> schemas = List.of(KEYED, BAG, COMPOSITE);
        MemoryStateStore.Cycle first = store.cycle();
        for (int i = 0; i < 3; i++) {
            first.put(tables.get(i), schemas.get(i), randomRows(random, schemas.get(i)));
        }
        first.commit();
        for (int round = 0; round < 60; round++) {
            int cuts = random.nextInt(8);
            for (int cut = 0; cut < cuts; cut++) {
                MemoryStateStore.Cycle cycle = store.cycle();
                for (int i = 0; i < 3; i++) {
                    if (random.nextInt(3) > 0) {
                        cycle.put(tables.get(i), schemas.get(i), randomRows(random, schemas.get(i)));
                    }
                }
                cycle.commit();
            }
            if (random.nextInt(10) == 0) {
                target.close();
                target = open(owner(1));
            }
            publish(tables.toArray(TableId[]::new));
            for (TableId table : tables) {
                assertThat(contents(table))
                        .as("seed %s round %s %s", seed, round, table)
                        .isEqualTo(store.rows(table));
            }
        }
    }

    private static List<Row> randomRows(Random random, TableSchema schema) {
        Map<List<Object>, Row> byKey = new HashMap<>();
        List<Row> bag = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            Long a = random.nextInt(5) == 0 ? null : (long) random.nextInt(6);
            String b = random.nextInt(5) == 0 ? null : "b" + random.nextInt(3);
            String c = random.nextInt(5) == 0 ? null : "c" + random.nextInt(2);
            bag.add(Row.of(a, b, c));
            byKey.put(Arrays.asList(a, schema.key().contains("b") ? b : ""), Row.of(a, b, c));
        }
        return schema.isKeyed() ? List.copyOf(byKey.values()) : bag;
    }

    protected static List<Row> rows(long from, long to, String b) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(i -> Row.of(i, b, "" + i))
                .toList();
    }

    private static List<Row> twice(List<Row> rows) {
        List<Row> all = new ArrayList<>(rows);
        all.addAll(rows);
        return all;
    }

    private static Target unopened() {
        return new Target() {
            @Override
            public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models) {
                throw new IllegalStateException("not opened");
            }

            @Override
            public void retract(List<PublishedModel> models) {
                throw new IllegalStateException("not opened");
            }

            @Override
            public void close() {
                // Nothing was opened.
            }
        };
    }
}

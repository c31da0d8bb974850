package dev.freshet.publisher.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Sizes that show a wrong plan at the server: a nested loop or a whole-table sort would take minutes here, not seconds. Times are printed; the
 * bounds asserted are wide, for a busy machine.
 */
class PostgresSpeedTest {

    private static final List<Column> COLUMNS = List.of(
            new Column("id", Simple.BIGINT),
            new Column("customer", Simple.VARCHAR),
            new Column("amount", new Decimal(12, 2)),
            new Column("ordered_at", Simple.TIMESTAMPTZ),
            new Column("status", Simple.VARCHAR));
    private static final TableSchema KEYED = new TableSchema(COLUMNS, List.of("id"));
    private static final TableSchema BAG = new TableSchema(COLUMNS, List.of());

    private static Warehouse warehouse = null;

    @BeforeAll
    static void startServer() {
        warehouse = new Warehouse(
                PostgresServer.start(Map.of("fsync", "on", "synchronous_commit", "on", "max_wal_size", "4GB")));
    }

    @AfterAll
    static void stopServer() {
        warehouse.close();
    }

    private static Row row(long id, long version) {
        return Row.of(
                id,
                id % 7 == 0 ? null : "customer " + id % 1000,
                BigDecimal.valueOf(id * 100 + version, 2),
                1_700_000_000_000_000L + id,
                "version " + version);
    }

    private static List<Row> rows(int count) {
        List<Row> rows = new ArrayList<>(count);
        for (long i = 0; i < count; i++) {
            rows.add(row(i, 0));
        }
        return rows;
    }

    @Test
    void sixModelsOfTwoHundredThousandRows() {
        int base = 200_000;
        int rounds = 10;
        String space = warehouse.newSchema();
        MemoryStateStore store = new MemoryStateStore(5);
        List<PublishedModel> models = new ArrayList<>();
        MemoryStateStore.Cycle first = store.cycle();
        List<Row> rows = rows(base);
        for (int i = 0; i < 6; i++) {
            TableSchema schema = i < 3 ? KEYED : BAG;
            TableId table = new TableId("warehouse", space, "model_" + i);
            models.add(new PublishedModel(table, schema.key()));
            first.put(table, schema, rows);
        }
        first.commit();
        Random random = new Random(7);
        long[] version = new long[base];
        List<Long> millis = new ArrayList<>();
        try (Target target = open(space)) {
            long firstMillis = timed(() -> assertMethods(publish(target, store, models), Method.CREATION));
            List<Long> few = new ArrayList<>();
            for (int round = 1; round <= 2 * rounds; round++) {
                int changed = round <= rounds ? 1_000 : 1;
                Map<Row, Long> change = new HashMap<>();
                while (change.size() < 2 * changed) {
                    int id = random.nextInt(base);
                    if (version[id] < round) {
                        change.put(row(id, version[id]), -1L);
                        change.put(row(id, round), 1L);
                        version[id] = round;
                    }
                }
                MemoryStateStore.Cycle cycle = store.cycle();
                models.forEach(model -> cycle.change(model.table(), change));
                cycle.commit();
                long took = timed(() -> assertMethods(publish(target, store, models), Method.DELTA));
                (changed == 1 ? few : millis).add(took);
            }
            List<Long> sorted = millis.stream().sorted().toList();
            System.out.printf(
                    "SPEED six models x 200k rows: first delivery %d ms (%d rows/s); changed rows in each: 1,000: p50 %d ms, best %d ms; 1: p50 %d ms%n",
                    firstMillis,
                    6L * base * 1000 / firstMillis,
                    sorted.get(rounds / 2),
                    sorted.get(0),
                    few.stream().sorted().toList().get(rounds / 2));
            assertThat(sorted.get(rounds / 2)).isLessThan(1_000);
            for (PublishedModel model : models) {
                assertThat(sums(model.table())).isEqualTo(sums(store, model.table()));
            }
        }
    }

    /** A small delta, one that touches a third of the table, a comparison; of a million rows with {@code -Dfreshet.speed.rows=1000000}. */
    @Test
    void oneLargeBag() {
        int base = Integer.getInteger("freshet.speed.rows", 300_000);
        String space = warehouse.newSchema();
        TableId table = new TableId("warehouse", space, "bag");
        List<PublishedModel> models = List.of(new PublishedModel(table, List.of()));
        MemoryStateStore store = new MemoryStateStore(5);
        store.cycle().put(table, BAG, rows(base)).commit();
        try (Target target = open(space)) {
            long first = timed(() -> assertMethods(publish(target, store, models), Method.CREATION));
            store.cycle().change(table, change(0, 1_000, 0, 1)).commit();
            long small = timed(() -> assertMethods(publish(target, store, models), Method.DELTA));
            warehouse.execute(
                    "update " + Identifier.quote(space) + ".freshet_ledger set state_epoch = gen_random_uuid()");
            long compared = timed(() -> assertMethods(publish(target, store, models), Method.COMPARISON));
            store.cycle()
                    .change(table, change(1_000, 1_000 + base * 3 / 10, 0, 1))
                    .commit();
            long large = timed(() -> assertMethods(publish(target, store, models), Method.DELTA));
            System.out.printf(
                    "SPEED bag of %d rows: first delivery %d ms, 1,000 changed rows %d ms, 3 of 10 rows changed %d ms, comparison %d ms%n",
                    base, first, small, large, compared);
            assertThat(sums(table)).isEqualTo(sums(store, table));
            assertThat(small).isLessThan(3_000);
        }
    }

    private static Map<Row, Long> change(int from, int to, long before, long after) {
        Map<Row, Long> change = new HashMap<>();
        for (int i = from; i < to; i++) {
            change.put(row(i, before), -1L);
            change.put(row(i, after), 1L);
        }
        return change;
    }

    private static List<Object> sums(TableId table) {
        List<Object> row = new ArrayList<>(warehouse
                .query("select count(*), sum(amount), sum(id)::bigint from " + Identifier.quote(table))
                .get(0));
        return row;
    }

    private static List<Object> sums(MemoryStateStore store, TableId table) {
        BigDecimal amount = BigDecimal.ZERO.setScale(2);
        long count = 0;
        long ids = 0;
        for (Map.Entry<Row, Long> entry : store.rows(table).entrySet()) {
            count += entry.getValue();
            ids += (Long) java.util.Objects.requireNonNull(entry.getKey().value(0)) * entry.getValue();
            amount = amount.add(((BigDecimal)
                            java.util.Objects.requireNonNull(entry.getKey().value(2)))
                    .multiply(BigDecimal.valueOf(entry.getValue())));
        }
        return List.of(count, amount, ids);
    }

    private static Target open(String space) {
        return warehouse.open(space, new Ownership(new PipelineId("speed", "prod"), 1, UUID.randomUUID()));
    }

    private static Receipt publish(Target target, MemoryStateStore store, List<PublishedModel> models) {
        try (StateSnapshot snapshot = store.read()) {
            return target.publish(snapshot, models);
        }
    }

    private static void assertMethods(Receipt receipt, Method method) {
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsOnly(method);
    }

    private static long timed(Runnable work) {
        long started = System.nanoTime();
        work.run();
        return Math.max((System.nanoTime() - started) / 1_000_000, 1);
    }
}

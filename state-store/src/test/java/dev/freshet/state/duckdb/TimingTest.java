package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.at;
import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StagedFiles.loaded;
import static dev.freshet.state.duckdb.StagedFiles.table;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints what a cycle costs at a size that a laptop has. The numbers of rows are checked, the times are for people. */
class TimingTest {

    private static final int ORDERS = Integer.getInteger("freshet.timing.orders", 200_000);
    private static final int CHANGED = 1_000;
    private static final TableId CUSTOMERS_ID = new TableId("shop", "public", "customers");
    private static final TableId ORDERS_ID = new TableId("shop", "public", "orders");
    private static final TableId ITEMS_ID = new TableId("shop", "public", "items");
    private static final TableSchema CUSTOMERS =
            schema(List.of("id"), "id", Simple.BIGINT, "name", Simple.VARCHAR, "region", Simple.VARCHAR);
    private static final TableSchema ORDER_COLUMNS = schema(
            List.of("id"),
            "id",
            Simple.BIGINT,
            "customer_id",
            Simple.BIGINT,
            "status",
            Simple.VARCHAR,
            "note",
            Simple.VARCHAR,
            "amount",
            new Decimal(12, 2),
            "ordered_at",
            Simple.TIMESTAMP,
            "day",
            Simple.DATE,
            "weight",
            Simple.DOUBLE);
    private static final TableSchema ITEM_COLUMNS = schema(
            List.of("id"),
            "id",
            Simple.BIGINT,
            "order_id",
            Simple.BIGINT,
            "quantity",
            Simple.INTEGER,
            "price",
            new Decimal(12, 2));

    private static final String STAGED =
            "'%s' AS _op, %d::BIGINT AS _position, 1::BIGINT AS _tx, now() AS _committed_at, i AS _sequence,"
                    + " NULL::VARCHAR AS _unavailable, NULL::VARCHAR AS _poison, 1::BIGINT AS _load";

    /** Processor time of the whole process: what others do on the machine does not count. */
    private static final OperatingSystemMXBean CPU = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    @TempDir
    Path directory;

    @Test
    void cycleOfAThousandChangedRowsAndSixModels() {
        try (StoreFixture fixture = new StoreFixture(directory)) {
            long start = CPU.getProcessCpuTime();
            load(fixture);
            System.out.printf("TIMING first load of %,d rows: %d ms%n", ORDERS * 2 + ORDERS / 10, millis(start));
            Map<TableId, String> models = models();
            start = CPU.getProcessCpuTime();
            try (StateTransaction transaction = fixture.store.begin()) {
                models.forEach((model, sql) -> transaction.recompute(model, sql, List.of()));
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            System.out.printf("TIMING first computation of six models: %d ms%n", millis(start));
            long[] reconciling = new long[9];
            long[] computing = new long[9];
            long[] committing = new long[9];
            for (int cycle = 0; cycle < 9; cycle++) {
                Path changes = changes(fixture, 30 + cycle * 10);
                start = CPU.getProcessCpuTime();
                try (StateTransaction transaction = fixture.store.begin()) {
                    List<TableDelta> deltas = transaction.reconcile(
                            batch(ORDERS_ID, ORDER_COLUMNS, 20 + cycle * 10, 30 + cycle * 10, changes));
                    assertThat(deltas).singleElement().satisfies(delta -> assertThat(delta.rows())
                            .isEqualTo(2L * CHANGED));
                    reconciling[cycle] = millis(start);
                    start = CPU.getProcessCpuTime();
                    models.forEach((model, sql) -> transaction.recompute(model, sql, List.of()));
                    computing[cycle] = millis(start);
                    start = CPU.getProcessCpuTime();
                    transaction.commit(Map.of("shop", at(30 + cycle * 10)), Instant.EPOCH);
                    committing[cycle] = millis(start);
                }
                fixture.store.prune(0);
            }
            System.out.printf(
                    "TIMING reconcile %d changed rows into %,d: %s ms%n",
                    CHANGED, ORDERS, Arrays.toString(reconciling));
            System.out.printf("TIMING recompute six models: %s ms%n", Arrays.toString(computing));
            System.out.printf("TIMING commit: %s ms%n", Arrays.toString(committing));
            fixture.store.checkpoint();
            try (StateSnapshot snapshot = fixture.store.read()) {
                TableId model = models.keySet().iterator().next();
                start = CPU.getProcessCpuTime();
                long changed = 0;
                try (RowCursor rows = snapshot.changes(model, 2).orElseThrow()) {
                    changed = consume(rows);
                }
                System.out.printf("TIMING changes() of %d rows: %d ms%n", changed, millis(start));
                start = CPU.getProcessCpuTime();
                try (RowCursor rows = snapshot.contents(model)) {
                    assertThat(consume(rows)).isEqualTo(ORDERS);
                }
                System.out.printf("TIMING contents() of %,d rows: %d ms%n", ORDERS, millis(start));
            }
        }
    }

    private static long consume(RowCursor rows) {
        long count = 0;
        int columns = rows.schema().columns().size();
        while (rows.next()) {
            for (int i = 0; i < columns; i++) {
                Object ignored = rows.value(i);
                count += ignored == null && i < 0 ? 1 : 0;
            }
            count++;
        }
        return count;
    }

    private static void load(StoreFixture fixture) {
        String range = " FROM range(%d) r(i)";
        Path customers = fixture.files.copy("SELECT " + STAGED.formatted("r", 0)
                + ", i AS id, 'customer ' || i AS name, 'region ' || (i %% 10) AS region".formatted()
                + range.formatted(ORDERS / 10));
        Path orders = fixture.files.copy(
                "SELECT " + STAGED.formatted("r", 0) + ", " + order("i", 0) + range.formatted(ORDERS));
        Path items = fixture.files.copy("SELECT " + STAGED.formatted("r", 0)
                + ", i AS id, hash(i) %% %d AS order_id, (i %% 7)::INTEGER AS quantity, (i %% 977)::DECIMAL(12,2) AS price"
                        .formatted(ORDERS)
                + range.formatted(ORDERS));
        fixture.apply(batch(
                "shop",
                0,
                20,
                loaded(CUSTOMERS_ID, CUSTOMERS, 20, base(customers)),
                loaded(ORDERS_ID, ORDER_COLUMNS, 20, base(orders)),
                loaded(ITEMS_ID, ITEM_COLUMNS, 20, base(items))));
    }

    private static StagedBase base(Path file) {
        return new StagedBase(1, at(0), at(20), Optional.empty(), List.of(file));
    }

    private static String order(String id, int version) {
        return id + " AS id, hash(" + id + ") % " + ORDERS / 10 + " AS customer_id, 'status ' || (" + id
                + " % 5) AS status, 'note of ' || " + id
                + " AS note, ((" + id + " * 37 % 99991) / 100.0 + " + version
                + ")::DECIMAL(12,2) AS amount, TIMESTAMP '2026-01-01' + to_seconds("
                + id + ") AS ordered_at, DATE '2026-01-01' + (" + id + " % 300)::INTEGER AS day, " + id
                + " * 0.37::DOUBLE AS weight";
    }

    private static Path changes(StoreFixture fixture, int position) {
        return fixture.files.copy("SELECT " + STAGED.formatted("u", position) + ", "
                + order("((i * 7919 + " + position + ") % " + ORDERS + ")", position) + " FROM range(" + CHANGED
                + ") r(i)");
    }

    private static Map<TableId, String> models() {
        String orders = "\"shop.public\".\"orders\"";
        String customers = "\"shop.public\".\"customers\"";
        String items = "\"shop.public\".\"items\"";
        Map<TableId, String> models = new LinkedHashMap<>();
        models.put(
                new TableId("dw", "m", "orders_wide"),
                "select o.id, o.status, o.amount, o.ordered_at, o.note, c.name, c.region, i.n from " + orders
                        + " o left join " + customers
                        + " c on c.id = o.customer_id left join (select order_id, sum(quantity) as n from " + items
                        + " group by 1) i on i.order_id = o.id");
        models.put(
                new TableId("dw", "m", "by_region"),
                "select c.region, sum(o.amount) as amount, count(*) as n from " + orders + " o join " + customers
                        + " c on c.id = o.customer_id group by 1");
        models.put(
                new TableId("dw", "m", "by_day"),
                "select day, sum(amount) as amount, count(*) as n from " + orders + " group by 1");
        models.put(new TableId("dw", "m", "big"), "select id, amount from " + orders + " where amount > 990");
        models.put(
                new TableId("dw", "m", "customers"),
                "select c.id, c.name, count(o.id) as n, max(o.ordered_at) as latest from " + customers + " c left join "
                        + orders + " o on o.customer_id = c.id group by 1, 2");
        models.put(
                new TableId("dw", "m", "ranked"),
                "select id, row_number() over (partition by customer_id order by amount desc, id) as r from " + orders
                        + " qualify r <= 3");
        return models;
    }

    private static long millis(long start) {
        return (CPU.getProcessCpuTime() - start) / 1_000_000;
    }

    @Test
    void manyTablesOfABatchThatDidNotChange() {
        try (StoreFixture fixture = new StoreFixture(directory)) {
            Path empty = fixture.files.write(CUSTOMERS, List.of());
            fixture.apply(batch("shop", 0, 10, table(CUSTOMERS_ID, CUSTOMERS, 0, 10, empty)));
            long start = CPU.getProcessCpuTime();
            for (int i = 1; i <= 20; i++) {
                assertThat(fixture.apply(batch(
                                "shop",
                                i * 10,
                                i * 10 + 10,
                                table(CUSTOMERS_ID, CUSTOMERS, i * 10, i * 10 + 10, empty))))
                        .isEmpty();
            }
            System.out.printf("TIMING empty cycle: %d ms%n", millis(start) / 20);
        }
    }
}

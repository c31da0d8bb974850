package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.ColumnCondition;
import dev.freshet.state.Cut;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are copied for a run: what of them, and how they come in. */
class CopiedTableTest {

    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId PAYMENTS = new TableId("bank", "public", "payments");
    private static final TableId MODEL = new TableId("dw", "lake", "m");
    private static final TableId PARENT = new TableId("dw", "lake", "parent");
    private static final TableSchema ORDER_COLUMNS = schema(
            List.of("id"),
            "id",
            Simple.BIGINT,
            "status",
            Simple.VARCHAR,
            "Ordered At",
            Simple.TIMESTAMPTZ,
            "amount",
            new Decimal(12, 2),
            "note",
            Simple.VARCHAR,
            "day",
            Simple.DATE);
    private static final TableSchema PAYMENT_COLUMNS =
            schema(List.of("id"), "id", Simple.BIGINT, "order_id", Simple.BIGINT, "kind", Simple.VARCHAR);

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Map<TableId, TableScan> scans(String... models) {
        Map<TableId, TableSchema> tables = new LinkedHashMap<>();
        tables.put(ORDERS, ORDER_COLUMNS);
        tables.put(PAYMENTS, PAYMENT_COLUMNS);
        Map<TableId, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < models.length; i++) {
            texts.put(i == models.length - 1 ? MODEL : PARENT, models[i]);
        }
        Map<TableId, TableScan> scans = new LinkedHashMap<>();
        fixture.store.scans(tables, texts).forEach(scan -> scans.put(scan.table(), scan));
        assertThat(fixture.store.cut()).isEqualTo(Cut.NONE);
        return scans;
    }

    @Test
    void onlyTheColumnsThatQueriesReadAreNeeded() {
        assertThat(scans(
                                "select o.id, p.kind from \"shop.public\".\"orders\" o join \"bank.public\".\"payments\" p on p.order_id = o.id")
                        .values())
                .extracting(TableScan::columns)
                .containsExactlyInAnyOrder(List.of("id"), List.of("order_id", "kind"));
        // A column that only a condition reads, on its own or within an expression.
        assertThat(scans(
                                "select id from \"shop.public\".\"orders\" where \"Ordered At\" > '2026-01-01' and lower(note) like 'x%'")
                        .get(ORDERS)
                        .columns())
                .containsExactly("id", "Ordered At", "note");
        assertThat(scans("select count(*) as n from \"shop.public\".\"orders\"")
                        .get(ORDERS)
                        .columns())
                .containsExactly("id");
        assertThat(scans("select * from \"shop.public\".\"orders\"").get(ORDERS).columns())
                .hasSize(6);
    }

    @Test
    void aParentIsComputedWholeWhateverItsChildReads() {
        assertThat(scans(
                                "select id, amount, note from \"shop.public\".\"orders\"",
                                "select sum(amount) as s from \"dw.lake\".\"parent\"")
                        .get(ORDERS)
                        .columns())
                .containsExactly("id", "amount", "note");
    }

    @Test
    void conditionsOfTheSimplestFormsAreTold() {
        assertThat(scans(
                                "select id from \"shop.public\".\"orders\" where status = 'it''s' and amount >= 10.5 and day < '2026-02-01'"
                                        + " and note is not null and id <> 7 and status > 'a'")
                        .get(ORDERS)
                        .conditions())
                .contains(
                        new ColumnCondition("status", Simple.VARCHAR, "=", "it's"),
                        new ColumnCondition("amount", new Decimal(12, 2), ">=", "10.50"),
                        new ColumnCondition("day", Simple.DATE, "<", "2026-02-01"))
                .noneMatch(condition ->
                        condition.operator().equals(">") || condition.column().equals("id"));
        assertThat(scans("select id from \"shop.public\".\"orders\" where note is null")
                        .get(ORDERS)
                        .conditions())
                .containsExactly(new ColumnCondition("note", Simple.VARCHAR, "IS NULL", ""));
    }

    @Test
    void timesThatDuckDbWritesInItsOwnWayAreNoConditions() {
        assertThat(scans("select id from \"shop.public\".\"orders\" where day > '0044-03-15 (BC)'")
                        .get(ORDERS)
                        .conditions())
                .isEmpty();
        assertThat(scans("select id from \"shop.public\".\"orders\" where day < 'infinity' and status = '1 (BC)'")
                        .get(ORDERS)
                        .conditions())
                .containsExactlyInAnyOrder(
                        new ColumnCondition("day", Simple.DATE, "<", "infinity"),
                        new ColumnCondition("status", Simple.VARCHAR, "=", "1 (BC)"));
    }

    @Test
    void aTableThatIsReadTwiceHasNoConditions() {
        TableScan scan = scans("select id from \"shop.public\".\"orders\" where day = '2026-01-01' union all"
                        + " select id from \"shop.public\".\"orders\" where day = '2026-01-02'")
                .get(ORDERS);
        assertThat(scan.conditions()).isEmpty();
        assertThat(scan.columns()).containsExactly("id", "day");
    }

    @Test
    void whatCannotBePlannedNeedsEverything() {
        assertThat(scans("select nothing from \"shop.public\".\"orders\"")
                        .get(ORDERS)
                        .columns())
                .hasSize(6);
        assertThat(scans("select 1 as one").get(PAYMENTS).columns()).hasSize(3);
    }

    @Test
    void aFileFillsAMirror() throws IOException {
        Path file = directory.resolve("orders.csv");
        Files.writeString(
                file,
                """
                1,"a ""b"",
                c",2026-01-01 10:00:00.5+00,10.50
                2,"",infinity,
                3,,,-0.01
                """);
        try (StateTransaction transaction = fixture.store.begin()) {
            transaction.fill(ORDERS, ORDER_COLUMNS, List.of("id", "note", "Ordered At", "amount"), file);
            transaction.commit(Map.of(), Instant.EPOCH);
        }
        fixture.compute(
                MODEL,
                "select id, note, \"Ordered At\"::varchar as at, amount::varchar as amount, status from \"shop.public\".\"orders\"",
                "id");
        assertThat(fixture.contents(MODEL).keySet())
                .extracting(row -> row.stream().map(String::valueOf).collect(Collectors.joining("|")))
                .containsExactlyInAnyOrder(
                        "1|a \"b\",\nc|2026-01-01 10:00:00.5+00|10.50|null",
                        "2||infinity|null|null",
                        "3|null|null|-0.01|null");
    }

    @Test
    void aValueThatDoesNotFitLeavesNothingBehind() throws IOException {
        Path file = directory.resolve("orders.csv");
        Files.writeString(file, "1,2026-01-01\n2,before Christ\n");
        assertThatThrownBy(() -> {
                    try (StateTransaction transaction = fixture.store.begin()) {
                        transaction.fill(ORDERS, ORDER_COLUMNS, List.of("id", "day"), file);
                    }
                })
                .isInstanceOf(FreshetException.class);
        try (StateTransaction transaction = fixture.store.begin()) {
            assertThat(transaction.isReady(ORDERS)).isFalse();
        }
    }
}

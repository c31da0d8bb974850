package dev.freshet.publisher.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every type there and back, and every value that is special in some way, as the server itself prints it. */
class PostgresTypesTest {

    private static Warehouse warehouse = null;

    @BeforeAll
    static void startServer() {
        warehouse = new Warehouse(PostgresServer.start(Map.of("timezone", "UTC")));
    }

    @AfterAll
    static void stopServer() {
        warehouse.close();
    }

    /** A column type with values and what PostgreSQL prints for each. */
    private static final class Case {
        private final DataType type;
        private final Map<Object, String> values = new LinkedHashMap<>();

        Case(DataType type) {
            this.type = type;
        }

        Case with(Object value, String text) {
            values.put(value, text);
            return this;
        }
    }

    private static List<Case> cases() {
        BigInteger huge = BigInteger.TWO.pow(127);
        String nines = "9".repeat(38);
        List<@Nullable Object> holes = new ArrayList<>(Arrays.asList(1, null, -3));
        return List.of(
                new Case(Simple.BOOLEAN).with(true, "true").with(false, "false"),
                new Case(Simple.SMALLINT)
                        .with(-32768, "-32768")
                        .with(32767, "32767")
                        .with(0, "0"),
                new Case(Simple.INTEGER).with(Integer.MIN_VALUE, "-2147483648").with(Integer.MAX_VALUE, "2147483647"),
                new Case(Simple.BIGINT)
                        .with(Long.MIN_VALUE, "-9223372036854775808")
                        .with(Long.MAX_VALUE, "9223372036854775807"),
                new Case(Simple.HUGEINT)
                        .with(huge.negate(), huge.negate().toString())
                        .with(
                                huge.subtract(BigInteger.ONE),
                                huge.subtract(BigInteger.ONE).toString())
                        .with(BigInteger.ZERO, "0")
                        .with(BigInteger.valueOf(10_000), "10000")
                        .with(BigInteger.valueOf(-100_000_001), "-100000001"),
                new Case(Simple.REAL)
                        .with(Float.NaN, "NaN")
                        .with(Float.POSITIVE_INFINITY, "Infinity")
                        .with(Float.NEGATIVE_INFINITY, "-Infinity")
                        .with(Float.MAX_VALUE, "3.4028235e+38")
                        .with(Float.MIN_VALUE, "1e-45")
                        .with(0.1f, "0.1"),
                new Case(Simple.DOUBLE)
                        .with(Double.NaN, "NaN")
                        .with(Double.POSITIVE_INFINITY, "Infinity")
                        .with(Double.NEGATIVE_INFINITY, "-Infinity")
                        .with(Double.MAX_VALUE, "1.7976931348623157e+308")
                        .with(Double.MIN_VALUE, "5e-324")
                        .with(-0.1, "-0.1"),
                new Case(new Decimal(38, 0))
                        .with(new BigDecimal(nines), nines)
                        .with(new BigDecimal("-" + nines), "-" + nines),
                new Case(new Decimal(38, 38))
                        .with(new BigDecimal("0." + nines), "0." + nines)
                        .with(new BigDecimal("1e-38").setScale(38), "0." + "0".repeat(37) + "1"),
                new Case(new Decimal(12, 2))
                        .with(new BigDecimal("0.00"), "0.00")
                        .with(new BigDecimal("-0.01"), "-0.01")
                        .with(new BigDecimal("1000000.10"), "1000000.10")
                        .with(new BigDecimal("9999999999.99"), "9999999999.99"),
                new Case(new Decimal(9, 5))
                        .with(new BigDecimal("1234.00001"), "1234.00001")
                        .with(new BigDecimal("0.10000"), "0.10000"),
                new Case(Simple.VARCHAR)
                        .with("", "")
                        .with("\\N", "\\N")
                        .with(
                                "tab\tline\nreturn\r\\ 'quote' \"double\" \\.",
                                "tab\tline\nreturn\r\\ 'quote' \"double\" \\.")
                        .with("\u00e9 \u4e2d \ud83d\ude00 \uffff", "\u00e9 \u4e2d \ud83d\ude00 \uffff")
                        .with("x".repeat(300_000), "x".repeat(300_000)),
                new Case(Simple.JSON)
                        .with("{\"b\": 1,  \"a\": [1.0, null], \"b\": 2}", "{\"b\": 1,  \"a\": [1.0, null], \"b\": 2}")
                        .with("null", "null"),
                new Case(Simple.BLOB)
                        .with(ByteBuffer.wrap(new byte[0]), "\\x")
                        .with(ByteBuffer.wrap(new byte[] {0, -1, 92, 10}), "\\x00ff5c0a"),
                new Case(Simple.DATE)
                        .with(0, "1970-01-01")
                        .with(-1, "1969-12-31")
                        .with(Integer.MAX_VALUE, "infinity")
                        .with(-Integer.MAX_VALUE, "-infinity")
                        .with(-2_440_588, "4714-11-24 BC")
                        .with(2_145_042_905, "5874897-12-31"),
                new Case(Simple.TIME)
                        .with(0L, "00:00:00")
                        .with(86_399_999_999L, "23:59:59.999999")
                        .with(86_400_000_000L, "24:00:00"),
                new Case(Simple.TIMESTAMP)
                        .with(0L, "1970-01-01 00:00:00")
                        .with(-1L, "1969-12-31 23:59:59.999999")
                        .with(Long.MAX_VALUE, "infinity")
                        .with(-Long.MAX_VALUE, "-infinity")
                        .with(-210_866_803_200_000_000L, "4714-11-24 00:00:00 BC")
                        .with(Long.MAX_VALUE - 1, "294247-01-10 04:00:54.775806"),
                new Case(Simple.TIMESTAMPTZ)
                        .with(1L, "1970-01-01 00:00:00.000001+00")
                        .with(Long.MAX_VALUE, "infinity")
                        .with(-Long.MAX_VALUE, "-infinity"),
                new Case(Simple.INTERVAL)
                        .with(new IntervalValue(0, 0, 0), "00:00:00")
                        .with(new IntervalValue(-14, 3, -1), "-1 years -2 mons +3 days -00:00:00.000001")
                        .with(new IntervalValue(0, 0, Long.MAX_VALUE), "2562047788:00:54.775807")
                        .with(new IntervalValue(Integer.MAX_VALUE, -5, 0), "178956970 years 7 mons -5 days"),
                new Case(Simple.UUID)
                        .with(new UUID(0, 0), "00000000-0000-0000-0000-000000000000")
                        .with(new UUID(-1, -1), "ffffffff-ffff-ffff-ffff-ffffffffffff"),
                new Case(new ListOf(Simple.INTEGER)).with(List.of(), "{}").with(holes, "{1,NULL,-3}"),
                new Case(new ListOf(Simple.VARCHAR)).with(List.of("", "a,b", "\"}"), "{\"\",\"a,b\",\"\\\"}\"}"),
                new Case(new ListOf(Simple.JSON)).with(List.of("{\"a\":1}"), "{\"{\\\"a\\\":1}\"}"),
                new Case(new ListOf(new Decimal(6, 1))).with(List.of(new BigDecimal("1.5")), "{1.5}"),
                new Case(new ListOf(Simple.TIMESTAMPTZ)).with(List.of(0L), "{\"1970-01-01 00:00:00+00\"}"));
    }

    @Test
    void everyTypeHasOneSpellingThereAndBack() {
        for (Case each : cases()) {
            assertThat(PostgresTypes.dataType(PostgresTypes.sqlType(each.type))).contains(each.type);
        }
        for (Simple type : Simple.values()) {
            assertThat(PostgresTypes.dataType(PostgresTypes.sqlType(type))).contains(type);
            assertThat(PostgresTypes.oid(type)).isPositive();
        }
        assertThat(PostgresTypes.dataType("character varying")).contains(Simple.VARCHAR);
        for (String lossy :
                List.of("jsonb", "character varying(10)", "numeric", "timestamp(3) without time zone", "money")) {
            assertThat(PostgresTypes.dataType(lossy)).as(lossy).isEmpty();
        }
        assertThatThrownBy(() -> PostgresTypes.sqlType(new ListOf(new ListOf(Simple.INTEGER))))
                .hasMessageContaining("INTEGER[][]")
                .hasMessageContaining("cast it to JSON");
    }

    /** By creation, by delta and by comparison; and what was written is found again as a bag. */
    @Test
    void everyValueArrivesUnchanged() {
        String space = warehouse.newSchema();
        MemoryStateStore store = new MemoryStateStore(3);
        List<PublishedModel> models = new ArrayList<>();
        List<Case> cases = cases();
        MemoryStateStore.Cycle create = store.cycle();
        MemoryStateStore.Cycle[] cycle = {create};
        forEach(cases, space, models, (table, schema, each) -> cycle[0].put(table, schema, rows(each, "created")));
        create.commit();
        try (Target target =
                warehouse.open(space, new Ownership(new PipelineId("types", "prod"), 1, UUID.randomUUID()))) {
            assertMethod(publish(target, store, models), Method.CREATION);
            verify(cases, space, "created");

            cycle[0] = store.cycle();
            forEach(cases, space, models, (table, schema, each) -> cycle[0].put(table, schema, rows(each, "changed")));
            cycle[0].commit();
            Receipt delta = publish(target, store, models);
            assertMethod(delta, Method.DELTA);
            for (int i = 0; i < cases.size(); i++) {
                assertThat(delta.tables().get(i).deleted())
                        .as("rows found again by value, %s", cases.get(i).type.sql())
                        .isEqualTo(cases.get(i).values.size() + 1);
            }
            verify(cases, space, "changed");

            warehouse.execute("delete from " + Identifier.quote(space) + ".freshet_ledger");
            Receipt same = publish(target, store, models);
            assertMethod(same, Method.COMPARISON);
            assertThat(same.rows()).isZero();
            for (int i = 0; i < cases.size(); i++) {
                warehouse.execute("delete from " + Identifier.quote(space) + ".t" + i);
            }
            warehouse.execute("delete from " + Identifier.quote(space) + ".freshet_ledger");
            assertMethod(publish(target, store, models), Method.COMPARISON);
            verify(cases, space, "changed");
        }
    }

    /** PostgreSQL's = takes a day for 24 hours and a month for 30 days; rows and keys must not. */
    @Test
    void equalIntervalsAreDifferentValues() {
        String space = warehouse.newSchema();
        TableId bag = new TableId("warehouse", space, "bag");
        TableId keyed = new TableId("warehouse", space, "keyed");
        List<Column> columns = List.of(new Column("i", Simple.INTERVAL), new Column("l", new ListOf(Simple.INTERVAL)));
        TableSchema byValue = new TableSchema(columns, List.of());
        TableSchema byKey = new TableSchema(columns, List.of("i"));
        List<PublishedModel> models =
                List.of(new PublishedModel(bag, List.of()), new PublishedModel(keyed, List.of("i")));
        IntervalValue day = new IntervalValue(0, 1, 0);
        IntervalValue hours = new IntervalValue(0, 0, 86_400_000_000L);
        MemoryStateStore store = new MemoryStateStore(3);
        Row left = Row.of(day, List.of(hours));
        Row right = Row.of(hours, List.of(hours));
        Row list = Row.of(hours, List.of(day));
        store.cycle()
                .put(bag, byValue, List.of(left, left, right, list))
                .put(keyed, byKey, List.of(left, right))
                .commit();
        try (Target target =
                warehouse.open(space, new Ownership(new PipelineId("types", "prod"), 1, UUID.randomUUID()))) {
            publish(target, store, models);
            store.cycle()
                    .put(bag, byValue, List.of(left, right, right))
                    .put(keyed, byKey, List.of(left, list))
                    .commit();
            assertMethod(publish(target, store, models), Method.DELTA);
            String sql = "select i::text || l::text from " + Identifier.quote(space) + ".%s order by 1";
            List<List<Object>> expected =
                    List.of(List.of("1 day{24:00:00}"), List.of("24:00:00{24:00:00}"), List.of("24:00:00{24:00:00}"));
            assertThat(warehouse.query(String.format(sql, "bag"))).isEqualTo(expected);
            assertThat(warehouse.query(String.format(sql, "keyed")))
                    .isEqualTo(List.of(List.of("1 day{24:00:00}"), List.of("24:00:00{\"1 day\"}")));
            // A comparison sees the difference too.
            warehouse.execute(
                    "update " + Identifier.quote(space) + ".bag set i = '24:00:00' where i::text = '1 day'",
                    "delete from " + Identifier.quote(space) + ".freshet_ledger");
            Receipt receipt = publish(target, store, models);
            assertMethod(receipt, Method.COMPARISON);
            assertThat(warehouse.query(String.format(sql, "bag"))).isEqualTo(expected);
        }
    }

    /** A value that can't be stored leaves its row out, whichever way it comes and goes; the rest is delivered. */
    @Test
    void unfitValuesAreQuarantined() {
        String space = warehouse.newSchema();
        TableId keyed = new TableId("warehouse", space, "keyed");
        TableId bag = new TableId("warehouse", space, "bag");
        List<Column> columns = List.of(
                new Column("k", Simple.INTEGER), new Column("text", Simple.VARCHAR), new Column("day", Simple.DATE));
        TableSchema byKey = new TableSchema(columns, List.of("k"));
        TableSchema byValue = new TableSchema(columns, List.of());
        List<PublishedModel> models =
                List.of(new PublishedModel(keyed, List.of("k")), new PublishedModel(bag, List.of()));
        List<Row> bad = List.of(
                Row.of(1, "fits", 0),
                Row.of(2, "nul \0", 0),
                Row.of(3, "half \ud83d", 0),
                Row.of(4, "old", -2_440_589));
        List<Row> good = List.of(Row.of(1, "fits", 0), Row.of(2, "nul", 0), Row.of(3, "half", 0), Row.of(4, "old", 0));
        MemoryStateStore store = new MemoryStateStore(3);
        store.cycle().put(keyed, byKey, bad).put(bag, byValue, bad).commit();
        try (Target target =
                warehouse.open(space, new Ownership(new PipelineId("types", "prod"), 1, UUID.randomUUID()))) {
            Receipt created = publish(target, store, models);
            for (TableReceipt table : created.tables()) {
                assertThat(table.inserted()).isEqualTo(1);
                assertThat(table.quarantined()).isEqualTo(3);
                assertThat(table.problem().orElse(""))
                        .contains("column 'text' of table '" + table.table() + "' has the character NUL")
                        .contains("3 rows were left out");
            }
            store.cycle().put(keyed, byKey, good).put(bag, byValue, good).commit();
            publish(target, store, models);
            assertThat(texts(space, "keyed"))
                    .containsExactly("fits", "nul", "half", "old")
                    .isEqualTo(texts(space, "bag"));
            store.cycle().put(keyed, byKey, bad).put(bag, byValue, bad).commit();
            assertThat(publish(target, store, models).tables())
                    .extracting(TableReceipt::quarantined)
                    .containsOnly(3L);
            assertThat(texts(space, "keyed")).containsExactly("fits").isEqualTo(texts(space, "bag"));
        }
    }

    private static List<Object> texts(String space, String table) {
        return warehouse.query("select text from " + Identifier.quote(space) + "." + table + " order by k").stream()
                .map(row -> row.get(0))
                .toList();
    }

    interface ForCase {
        void accept(TableId table, TableSchema schema, Case each);
    }

    private static void forEach(List<Case> cases, String space, List<PublishedModel> models, ForCase action) {
        models.clear();
        for (int i = 0; i < cases.size(); i++) {
            TableId table = new TableId("warehouse", space, "t" + i);
            models.add(new PublishedModel(table, List.of()));
            Case each = cases.get(i);
            action.accept(
                    table,
                    new TableSchema(
                            List.of(
                                    new Column("id", Simple.INTEGER),
                                    new Column("phase", Simple.VARCHAR),
                                    new Column("v", each.type)),
                            List.of()),
                    each);
        }
    }

    private static List<Row> rows(Case each, String phase) {
        List<Row> rows = new ArrayList<>();
        each.values.keySet().forEach(value -> rows.add(Row.of(rows.size(), phase, value)));
        rows.add(Row.of(rows.size(), phase, null));
        return rows;
    }

    private static void verify(List<Case> cases, String space, String phase) {
        for (int i = 0; i < cases.size(); i++) {
            List<@Nullable String> expected =
                    new ArrayList<>(cases.get(i).values.values());
            expected.add(null);
            List<Object> actual = warehouse
                    .query("select v::text from " + Identifier.quote(space) + ".t" + i + " where phase = '" + phase
                            + "' order by id")
                    .stream()
                    .map(row -> row.get(0))
                    .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
            assertThat(actual).as(cases.get(i).type.sql()).isEqualTo(expected);
            assertThat(warehouse.value("select count(*) from " + Identifier.quote(space) + ".t" + i))
                    .isEqualTo((long) expected.size());
        }
    }

    private static Receipt publish(Target target, MemoryStateStore store, List<PublishedModel> models) {
        try (StateSnapshot snapshot = store.read()) {
            return target.publish(snapshot, Collections.unmodifiableList(models));
        }
    }

    private static void assertMethod(Receipt receipt, Method method) {
        assertThat(receipt.tables()).allSatisfy(table -> assertThat(table.method())
                .as("%s %s", table.table(), table.problem())
                .isEqualTo(method));
    }
}

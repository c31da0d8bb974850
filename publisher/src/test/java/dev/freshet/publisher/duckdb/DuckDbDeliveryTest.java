package dev.freshet.publisher.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.Column;
import dev.freshet.state.Connection;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is DuckDB's own in a delivery. */
class DuckDbDeliveryTest {

    private static final TableSchema KEYED =
            new TableSchema(List.of(new Column("a", Simple.BIGINT), new Column("b", Simple.VARCHAR)), List.of("a"));

    @TempDir
    private Path directory = Path.of("");

    private final MemoryStateStore store = new MemoryStateStore(5);
    private DuckDbFile file = new DuckDbFile(directory);
    private Target target =
            new DuckDbTargetFactory().create(new DuckDbFile(Path.of("unused")).connection(), owner("prod"));

    private static Ownership owner(String output) {
        return new Ownership(new PipelineId("shop", output), 1, UUID.randomUUID());
    }

    private static TableId table(String name) {
        return new TableId("warehouse", "main", name);
    }

    @BeforeEach
    void openTarget() {
        file = new DuckDbFile(directory.resolve("w.duckdb"));
        target = file.open(owner("prod"));
    }

    @AfterEach
    void closeTarget() {
        target.close();
    }

    private Receipt publish(TableId... tables) {
        return publish(target, tables);
    }

    private Receipt publish(Target to, TableId... tables) {
        try (StateSnapshot snapshot = store.read()) {
            return to.publish(
                    snapshot,
                    Arrays.stream(tables)
                            .map(t -> new PublishedModel(
                                    t, snapshot.output(t).orElseThrow().schema().key()))
                            .toList());
        }
    }

    private static TableReceipt only(Receipt receipt) {
        assertThat(receipt.tables()).hasSize(1);
        return receipt.tables().get(0);
    }

    @Test
    void everyTypeArrivesExactlyAndIsFoundAgain() {
        List<DataType> types = List.of(
                Simple.BOOLEAN,
                Simple.SMALLINT,
                Simple.INTEGER,
                Simple.BIGINT,
                Simple.HUGEINT,
                Simple.REAL,
                Simple.DOUBLE,
                new Decimal(4, 2),
                new Decimal(38, 10),
                Simple.VARCHAR,
                Simple.JSON,
                Simple.BLOB,
                Simple.DATE,
                Simple.TIME,
                Simple.TIMESTAMP,
                Simple.TIMESTAMPTZ,
                Simple.INTERVAL,
                Simple.UUID);
        List<List<Object>> values = List.of(
                List.of(true, false),
                List.of(-32768, 32767),
                List.of(Integer.MIN_VALUE, 5),
                List.of(Long.MIN_VALUE, Long.MAX_VALUE),
                List.of(BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE), BigInteger.ONE.negate()),
                List.of(Float.NaN, 1.5e-40f),
                List.of(Double.NEGATIVE_INFINITY, 0.1),
                List.of(new BigDecimal("-99.99"), new BigDecimal("0.10")),
                List.of(new BigDecimal("1234567890123456789012345678.0123456789"), new BigDecimal("0.0000000001")),
                List.of("a\u0000\u00e9\u4e2d\ud83d\ude00'\"", ""),
                List.of("{\"a\": [1, null]}", "null"),
                List.of(ByteBuffer.wrap(new byte[] {0, -1, 39}), ByteBuffer.wrap(new byte[0])),
                List.of(Integer.MAX_VALUE, -1_000_000),
                List.of(86_400_000_000L, 1L),
                List.of(Long.MAX_VALUE, -62_200_000_000_000_001L),
                List.of(-Long.MAX_VALUE, 1L),
                List.of(new IntervalValue(1, 0, 0), new IntervalValue(0, 30, 0)),
                List.of(new UUID(-1, 5), new UUID(0, 0)));
        List<String> shown = List.of(
                "true|false",
                "-32768|32767",
                "-2147483648|5",
                "-9223372036854775808|9223372036854775807",
                "170141183460469231731687303715884105727|-1",
                "nan|1.5e-40",
                "-inf|0.1",
                "-99.99|0.10",
                "1234567890123456789012345678.0123456789|0.0000000001",
                "a\u0000\u00e9\u4e2d\ud83d\ude00'\"|",
                "{\"a\": [1, null]}|null",
                "\\x00\\xFF\\x27|",
                "infinity|0769-02-04 (BC)",
                "24:00:00|00:00:00.000001",
                "infinity|0003-12-17 (BC) 14:13:19.999999",
                "-infinity|1970-01-01 00:00:00.000001+00",
                "1 month|30 days",
                "ffffffff-ffff-ffff-0000-000000000005|00000000-0000-0000-0000-000000000000");
        for (int i = 0; i < types.size(); i++) {
            DataType type = types.get(i);
            TableId table = table("type_" + i);
            TableSchema schema = new TableSchema(
                    List.of(new Column("n", Simple.INTEGER), new Column("v", type), new Column("l", new ListOf(type))),
                    List.of());
            List<Row> rows = List.of(
                    Row.of(1, values.get(i).get(0), List.of()),
                    Row.of(
                            2,
                            values.get(i).get(1),
                            Arrays.asList(
                                    values.get(i).get(0), null, values.get(i).get(1))),
                    Row.of(3, null, null));
            store.cycle().put(table, schema, rows).commit();
            assertThat(only(publish(table)).method()).as("%s", type).isEqualTo(Method.CREATION);
            String asText = "coalesce(v::varchar, 'NULL')";
            assertThat(file.query("set timezone = 'UTC'; select string_agg(" + asText
                            + ", '|' order by n) from main.type_" + i + " where n < 3"))
                    .as("%s", type)
                    .isEqualTo(List.of(List.of(shown.get(i))));
            assertThat(file.query("select count(*) from main.type_" + i + " a, main.type_" + i
                            + " b where a.n = 2 and b.n = 1 and a.l[1]::varchar = b.v::varchar"
                            + " and a.l[3]::varchar = a.v::varchar and a.l[2] is null and len(b.l) = 0"))
                    .as("list of %s", type)
                    .isEqualTo(List.of(List.of(1L)));
            store.cycle()
                    .change(table, Map.of(rows.get(0), -1L, rows.get(1), -1L, rows.get(2), 1L))
                    .commit();
            TableReceipt receipt = only(publish(table));
            assertThat(receipt.method()).as("%s", type).isEqualTo(Method.DELTA);
            assertThat(receipt.deleted()).as("%s", type).isEqualTo(2);
            assertThat(receipt.inserted()).as("%s", type).isEqualTo(1);
        }
    }

    @Test
    void fileInAnotherProcessIsTriedAgain() throws IOException, InterruptedException {
        TableId table = table("t");
        store.cycle().put(table, KEYED, List.of(Row.of(1L, "x"))).commit();
        publish(table);
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileHolder.class.getName(),
                        file.path().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
            assertThat(said.readLine()).isEqualTo("holding");
            store.cycle().put(table, KEYED, List.of(Row.of(2L, "y"))).commit();
            assertThatThrownBy(() -> publish(table))
                    .hasMessageContaining("w.duckdb' of output 'warehouse' is open in")
                    .hasMessageContaining(String.valueOf(holder.pid()))
                    .hasMessageContaining("close it there")
                    .extracting(e -> ((FreshetException) e).kind())
                    .isEqualTo(ErrorKind.RETRYABLE);
        } finally {
            holder.getOutputStream().close();
            if (!holder.waitFor(20, TimeUnit.SECONDS)) {
                holder.destroyForcibly();
            }
        }
        assertThat(only(publish(table)).method()).isEqualTo(Method.DELTA);
        assertThat(file.contents(table)).isEqualTo(store.rows(table));
    }

    @Test
    void replacedTableIsComparedAndOnlyOursIsRetracted() {
        TableId table = table("t");
        store.cycle().put(table, KEYED, List.of(Row.of(1L, "x"))).commit();
        publish(table);
        file.execute("create or replace table t as select 7::bigint as a, 'theirs' as b");
        target.retract(List.of(new PublishedModel(table, List.of("a"))));
        assertThat(file.contents(table)).isEqualTo(Map.of(Row.of(7L, "theirs"), 1L));
        assertThat(only(publish(table)).method()).isEqualTo(Method.COMPARISON);
        assertThat(file.contents(table)).isEqualTo(store.rows(table));
        file.execute("create or replace table t as select 7::bigint as a, 'theirs' as b");
        assertThat(only(publish(table)).method()).isEqualTo(Method.COMPARISON);
        file.execute("drop table t", "create view t as select 1 as x");
        assertThat(only(publish(table)).method()).isEqualTo(Method.SWAP);
        assertThat(file.contents(table)).isEqualTo(store.rows(table));
    }

    @Test
    void aTableThatCannotGoOnHoldsItselfOnly() {
        TableId indexed = table("indexed");
        TableId other = table("other");
        TableId sameName = table("OTHER");
        store.cycle()
                .put(indexed, KEYED, List.of(Row.of(1L, "x")))
                .put(other, KEYED, List.of(Row.of(1L, "x")))
                .put(sameName, KEYED, List.of(Row.of(1L, "x")))
                .commit();
        publish(indexed, other);
        file.execute("create unique index by_b on indexed(b)");
        store.cycle()
                .put(indexed, KEYED, List.of(Row.of(1L, "alice@x.org"), Row.of(2L, "alice@x.org")))
                .put(other, KEYED, List.of(Row.of(2L, "y")))
                .commit();
        Receipt receipt = publish(indexed, other, sameName);
        assertThat(receipt.tables())
                .extracting(TableReceipt::method)
                .containsExactly(Method.HELD, Method.DELTA, Method.HELD);
        assertThat(receipt.tables().get(0).problem().orElseThrow())
                .contains("'warehouse.main.indexed' on output 'warehouse' can't be delivered", "uplicate key")
                .as("no value of a row")
                .doesNotContain("alice");
        assertThat(receipt.tables().get(2).problem().orElseThrow()).contains("by case only");
        assertThat(file.contents(indexed)).isEqualTo(Map.of(Row.of(1L, "x"), 1L));
        assertThat(file.contents(other)).isEqualTo(store.rows(other));
        TableSchema wider = new TableSchema(List.of(new Column("a", Simple.BIGINT)), List.of("a"));
        store.cycle().put(indexed, wider, List.of(Row.of(1L))).commit();
        assertThat(only(publish(indexed)).problem().orElseThrow()).contains("index by_b");
        file.execute("drop index by_b");
        assertThat(only(publish(indexed)).method()).isEqualTo(Method.SWAP);
        assertThat(file.contents(indexed)).isEqualTo(store.rows(indexed));
    }

    @Test
    void anotherPipelinesTableIsLeftAlone() {
        TableId table = table("t");
        store.cycle().put(table, KEYED, List.of(Row.of(1L, "x"))).commit();
        publish(table);
        try (Target second = file.open(owner("dev"))) {
            TableReceipt receipt = only(publish(second, table));
            assertThat(receipt.method()).isEqualTo(Method.HELD);
            assertThat(receipt.problem().orElseThrow()).contains("is delivered by pipeline 'shop/prod'");
        }
    }

    @Test
    void halfACharacterIsLeftOutAndCounted() {
        TableId table = table("t");
        store.cycle().put(table, KEYED, List.of(Row.of(1L, "x"))).commit();
        publish(table);
        store.cycle()
                .put(table, KEYED, List.of(Row.of(1L, "\ud83d"), Row.of(2L, "y")))
                .commit();
        TableReceipt receipt = only(publish(table));
        assertThat(receipt.quarantined()).isEqualTo(1);
        assertThat(receipt.problem().orElseThrow()).contains("column 'b'", "half of a surrogate pair");
        assertThat(file.contents(table)).isEqualTo(Map.of(Row.of(2L, "y"), 1L));
    }

    @Test
    void pathsThatAreNoFilesAreRefused() {
        for (String path : List.of(":memory:", "md:cloud", "s3://bucket/w.duckdb")) {
            Connection connection = new Connection("warehouse", "duckdb", Map.of("path", path));
            assertThat(new DuckDbTargetFactory().check(connection, List.of()))
                    .singleElement()
                    .asString()
                    .contains("'" + path + "'", "local DuckDB file");
        }
        assertThat(new DuckDbTargetFactory().check(file.connection(), List.of("main")))
                .isEmpty();
    }

    /** Neither a look nor taking back what was never delivered leaves a file behind. */
    @Test
    void askingCreatesNothing() throws IOException {
        DuckDbFile missing = new DuckDbFile(directory.resolve("not there").resolve("yet.duckdb"));
        assertThat(new DuckDbTargetFactory().check(missing.connection(), List.of("main")))
                .isEmpty();
        try (Target asked = missing.open(owner("prod"))) {
            asked.retract(List.of(new PublishedModel(table("t"), List.of())));
        }
        assertThat(missing.path().getParent()).doesNotExist();
        Path plain = Files.writeString(directory.resolve("a file"), "no directory");
        DuckDbFile impossible = new DuckDbFile(plain.resolve("w.duckdb"));
        assertThat(new DuckDbTargetFactory().check(impossible.connection(), List.of("main")))
                .singleElement()
                .asString()
                .contains("can't be created in '" + plain + "'");
    }
}

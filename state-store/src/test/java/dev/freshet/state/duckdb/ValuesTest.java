package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StoreFixture.bag;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every type's extremes go from a staged file through mirror, model and log to a cursor, and come out as they went in. */
class ValuesTest {

    private static final TableId SOURCE = new TableId("s", "p", "t");
    private static final TableId MODEL = new TableId("dw", "m", "t");
    private static final long BC = LocalDate.of(-43, 3, 15).toEpochDay();

    @TempDir
    Path directory;

    private static Map<DataType, List<Object>> samples() {
        Map<DataType, List<Object>> samples = new LinkedHashMap<>();
        samples.put(Simple.BOOLEAN, List.of(true, false));
        samples.put(Simple.SMALLINT, List.of(-32768, 32767));
        samples.put(Simple.INTEGER, List.of(Integer.MIN_VALUE, Integer.MAX_VALUE));
        samples.put(Simple.BIGINT, List.of(Long.MIN_VALUE, Long.MAX_VALUE));
        samples.put(
                Simple.HUGEINT,
                List.of(
                        BigInteger.TWO.pow(127).subtract(BigInteger.ONE),
                        BigInteger.TWO.pow(127).negate()));
        samples.put(
                Simple.REAL,
                List.of(Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, -0.0f, 0.1f));
        samples.put(
                Simple.DOUBLE,
                List.of(Double.MIN_VALUE, -Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY, -0.0, 0.1));
        samples.put(new Decimal(38, 0), List.of(new BigDecimal("9".repeat(38)), new BigDecimal("-" + "9".repeat(38))));
        samples.put(
                new Decimal(12, 2),
                List.of(new BigDecimal("1.10"), new BigDecimal("-9999999999.99"), new BigDecimal("0.00")));
        samples.put(Simple.VARCHAR, List.of("", "'\"\\;--", "é€😀", "NULL", "a\nb\tc"));
        samples.put(Simple.JSON, List.of("{\"a\": [1, null, 1e999], \"a\":  \"\\u0000\"}", "null", "1.10"));
        samples.put(Simple.BLOB, List.of(ByteBuffer.wrap(new byte[0]), ByteBuffer.wrap(new byte[] {0, -1, 92, 39})));
        samples.put(Simple.DATE, List.of(0, (int) BC, Integer.MAX_VALUE, -Integer.MAX_VALUE, 2_932_896));
        samples.put(Simple.TIME, List.of(0L, 86_399_999_999L, 86_400_000_000L));
        samples.put(
                Simple.TIMESTAMP,
                List.of(
                        0L,
                        1L,
                        -1L,
                        Long.MAX_VALUE,
                        -Long.MAX_VALUE,
                        BC * 86_400_000_000L + 7,
                        9_089_348_860_800_000_000L));
        samples.put(Simple.TIMESTAMPTZ, List.of(0L, -1L, Long.MAX_VALUE, -Long.MAX_VALUE, BC * 86_400_000_000L + 7));
        samples.put(
                Simple.INTERVAL,
                List.of(
                        new IntervalValue(0, 0, 0),
                        new IntervalValue(-14, 3, -1),
                        new IntervalValue(1, 0, 0),
                        new IntervalValue(0, 30, 0),
                        new IntervalValue(0, -1, 90_000_000_001L)));
        samples.put(
                Simple.UUID,
                List.of(
                        UUID.fromString("00000000-0000-0000-0000-000000000000"),
                        UUID.fromString("ffffffff-ffff-ffff-8fff-ffffffffffff")));
        samples.put(new ListOf(Simple.VARCHAR), List.of(List.of(), Arrays.asList("a", null, ""), List.of("a,b")));
        samples.put(new ListOf(Simple.TIMESTAMP), List.of(Arrays.asList(Long.MAX_VALUE, null, 5L)));
        samples.put(new ListOf(Simple.DATE), List.of(Arrays.asList(Integer.MAX_VALUE, null, -1)));
        samples.put(new ListOf(Simple.SMALLINT), List.of(Arrays.asList(1, null)));
        samples.put(new ListOf(new Decimal(9, 3)), List.of(List.of(new BigDecimal("1.500"))));
        samples.put(new ListOf(Simple.BLOB), List.of(Arrays.asList(ByteBuffer.wrap(new byte[] {1}), null)));
        samples.put(new ListOf(Simple.INTERVAL), List.of(List.of(new IntervalValue(0, 30, 1))));
        samples.put(new ListOf(Simple.JSON), List.of(Arrays.asList("{}", null)));
        samples.put(new ListOf(Simple.UUID), List.of(List.of(new UUID(1, 2))));
        samples.put(new ListOf(Simple.BOOLEAN), List.of(Arrays.asList(true, null, false)));
        samples.put(new ListOf(Simple.DOUBLE), List.of(List.of(Double.NaN, -0.0)));
        return samples;
    }

    @Test
    void roundTrip() {
        Map<DataType, List<Object>> samples = samples();
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("n", Simple.INTEGER));
        samples.keySet().forEach(type -> columns.add(new Column("c" + columns.size(), type)));
        TableSchema schema = new TableSchema(columns, List.of("n"));
        int most = samples.values().stream().mapToInt(List::size).max().orElseThrow();
        List<Event> events = new ArrayList<>();
        List<List<@Nullable Object>> expected = new ArrayList<>();
        for (int i = 0; i <= most; i++) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(i);
            for (List<Object> values : samples.values()) {
                row.add(i < values.size() ? values.get(i) : null);
            }
            expected.add(row);
            events.add(Event.of("c", 10, i, row.toArray()));
        }
        try (StoreFixture fixture = new StoreFixture(directory)) {
            fixture.apply(batch(SOURCE, schema, 0, 10, fixture.files.write(schema, events)));
            assertThat(fixture.contents(SOURCE).keySet()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(fixture.apply(batch(
                            SOURCE,
                            schema,
                            10,
                            20,
                            fixture.files.write(
                                    schema,
                                    events.stream()
                                            .map(event -> new Event(
                                                    "u",
                                                    20,
                                                    20,
                                                    event.sequence(),
                                                    event.values(),
                                                    event.unavailable(),
                                                    null,
                                                    null))
                                            .toList()))))
                    .as("the same values again are no change")
                    .isEmpty();
            String all = "SELECT * FROM " + StateNames.relation(SOURCE);
            fixture.compute(MODEL, all + " WHERE false", "n");
            fixture.compute(MODEL, all, "n");
            assertThat(fixture.compute(MODEL, all, "n").isEmpty()).isTrue();
            try (StateSnapshot snapshot = fixture.store.read();
                    RowCursor changes = snapshot.changes(MODEL, 3).orElseThrow();
                    RowCursor contents = snapshot.contents(MODEL)) {
                assertThat(snapshot.output(MODEL).orElseThrow().schema()).isEqualTo(schema);
                assertThat(bag(changes).keySet()).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(bag(contents).keySet()).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }
}

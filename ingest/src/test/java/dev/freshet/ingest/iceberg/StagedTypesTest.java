package dev.freshet.ingest.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every type, with its extremes, goes through a staged file and is what it was when DuckDB reads it. */
class StagedTypesTest {

    private static final TableId TABLE = new TableId("crm", "public", "all types");

    /** A value and how DuckDB writes the same value as a literal. */
    private record Sample(DataType type, @Nullable Object value, String literal) {}

    private static final List<Sample> SAMPLES = List.of(
            new Sample(Simple.BOOLEAN, true, "true"),
            new Sample(Simple.BOOLEAN, false, "false"),
            new Sample(Simple.SMALLINT, -32768, "(-32768)::smallint"),
            new Sample(Simple.SMALLINT, 32767, "32767::smallint"),
            new Sample(Simple.INTEGER, Integer.MIN_VALUE, "(-2147483648)::integer"),
            new Sample(Simple.BIGINT, Long.MIN_VALUE, "(-9223372036854775808)::bigint"),
            new Sample(Simple.BIGINT, Long.MAX_VALUE, "9223372036854775807"),
            new Sample(
                    Simple.HUGEINT,
                    BigInteger.ONE.shiftLeft(127).negate(),
                    "'-170141183460469231731687303715884105728'::hugeint"),
            new Sample(Simple.REAL, Float.NaN, "'nan'::float"),
            new Sample(Simple.REAL, Float.MIN_VALUE, "1.4e-45::float"),
            new Sample(Simple.REAL, Float.NEGATIVE_INFINITY, "'-infinity'::float"),
            new Sample(Simple.DOUBLE, Double.NaN, "'nan'::double"),
            new Sample(Simple.DOUBLE, Double.POSITIVE_INFINITY, "'infinity'::double"),
            new Sample(Simple.DOUBLE, Double.MAX_VALUE, "1.7976931348623157e308::double"),
            new Sample(Simple.DOUBLE, Double.MIN_VALUE, "4.9e-324::double"),
            new Sample(Simple.VARCHAR, "", "''"),
            new Sample(Simple.VARCHAR, "é😀'\"\n\t\\", "'é😀''\"\n\t\\'"),
            new Sample(Simple.JSON, "{\"a\": [1, null]}", "'{\"a\": [1, null]}'::json"),
            new Sample(Simple.JSON, "null", "'null'::json"),
            new Sample(Simple.BLOB, ByteBuffer.wrap(new byte[] {0, -1, 39}), "'\\x00\\xFF\\x27'::blob"),
            new Sample(Simple.BLOB, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2), "'\\x02\\x03'::blob"),
            new Sample(Simple.BLOB, ByteBuffer.allocate(0), "''::blob"),
            new Sample(Simple.DATE, 0, "'1970-01-01'::date"),
            new Sample(Simple.DATE, Integer.MAX_VALUE, "'infinity'::date"),
            new Sample(Simple.DATE, -Integer.MAX_VALUE, "'-infinity'::date"),
            new Sample(Simple.DATE, -2440588, "'4714-11-24 (BC)'::date"),
            new Sample(Simple.TIME, 0L, "'00:00:00'::time"),
            new Sample(Simple.TIME, 86_399_999_999L, "'23:59:59.999999'::time"),
            new Sample(Simple.TIME, 86_400_000_000L, "'24:00:00'::time"),
            new Sample(Simple.TIMESTAMP, 1L, "'1970-01-01 00:00:00.000001'::timestamp"),
            new Sample(Simple.TIMESTAMP, Long.MAX_VALUE, "'infinity'::timestamp"),
            new Sample(Simple.TIMESTAMP, -Long.MAX_VALUE, "'-infinity'::timestamp"),
            new Sample(Simple.TIMESTAMP, -210866803200000000L, "'4714-11-24 (BC) 00:00:00'::timestamp"),
            new Sample(Simple.TIMESTAMP, 9_222_318_015_999_999_999L, "make_timestamp(9222318015999999999)"),
            new Sample(Simple.TIMESTAMPTZ, -1L, "'1969-12-31 23:59:59.999999+00'::timestamptz"),
            new Sample(Simple.TIMESTAMPTZ, Long.MAX_VALUE, "'infinity'::timestamptz"),
            new Sample(Simple.TIMESTAMPTZ, -Long.MAX_VALUE, "'-infinity'::timestamptz"),
            new Sample(Simple.INTERVAL, new IntervalValue(14, -3, 4_500_000L), interval(14, -3, 4_500_000L)),
            new Sample(Simple.INTERVAL, new IntervalValue(-14, 3, -1L), interval(-14, 3, -1L)),
            new Sample(Simple.INTERVAL, new IntervalValue(0, 0, 0L), interval(0, 0, 0L)),
            new Sample(Simple.INTERVAL, new IntervalValue(0, 0, Long.MAX_VALUE), interval(0, 0, Long.MAX_VALUE)),
            new Sample(
                    Simple.INTERVAL,
                    new IntervalValue(2136000000, 1965, -9_000_000_000_000_000_000L),
                    interval(2136000000, 1965, -9_000_000_000_000_000_000L)),
            new Sample(
                    Simple.INTERVAL,
                    new IntervalValue(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE),
                    "(" + interval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE + 1)
                            + " + to_microseconds(-1))"),
            new Sample(
                    Simple.INTERVAL,
                    new IntervalValue(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MIN_VALUE + 1),
                    interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MIN_VALUE + 1)),
            new Sample(Simple.UUID, new UUID(0, 0), "'00000000-0000-0000-0000-000000000000'::uuid"),
            new Sample(Simple.UUID, new UUID(-1, 1), "'ffffffff-ffff-ffff-0000-000000000001'::uuid"),
            new Sample(new Decimal(4, 2), new BigDecimal("-99.99"), "(-99.99)::decimal(4,2)"),
            new Sample(new Decimal(9, 0), new BigDecimal("999999999"), "999999999::decimal(9,0)"),
            new Sample(
                    new Decimal(18, 3),
                    new BigDecimal("-999999999999999.999"),
                    "'-999999999999999.999'::decimal(18,3)"),
            new Sample(
                    new Decimal(19, 18),
                    new BigDecimal("-0.000000000000000001"),
                    "'-0.000000000000000001'::decimal(19,18)"),
            new Sample(
                    new Decimal(38, 10),
                    new BigDecimal("-9999999999999999999999999999.9999999999"),
                    "'-9999999999999999999999999999.9999999999'::decimal(38,10)"),
            new Sample(
                    new Decimal(38, 38),
                    new BigDecimal("1e-38"),
                    "'0.00000000000000000000000000000000000001'::decimal(38,38)"),
            new Sample(new ListOf(Simple.INTEGER), Arrays.asList(1, null, -3), "[1, null, -3]::integer[]"),
            new Sample(new ListOf(Simple.VARCHAR), List.of(), "[]::varchar[]"),
            new Sample(new ListOf(Simple.SMALLINT), List.of(7), "[7]::smallint[]"),
            new Sample(
                    new ListOf(Simple.UUID),
                    Arrays.asList(new UUID(0, 9), null),
                    "['00000000-0000-0000-0000-000000000009', null]::uuid[]"),
            new Sample(new ListOf(Simple.JSON), List.of("[1]"), "['[1]']::json[]"),
            new Sample(new ListOf(Simple.BLOB), List.of(ByteBuffer.wrap(new byte[] {7})), "['\\x07'::blob]"),
            new Sample(new ListOf(Simple.DATE), List.of(Integer.MAX_VALUE), "['infinity'::date]"),
            new Sample(new ListOf(Simple.TIMESTAMPTZ), List.of(-Long.MAX_VALUE), "['-infinity'::timestamptz]"),
            new Sample(
                    new ListOf(Simple.INTERVAL),
                    Arrays.asList(new IntervalValue(1, -2, 3), null),
                    "[" + interval(1, -2, 3) + ", null]"),
            new Sample(new ListOf(new Decimal(30, 2)), List.of(new BigDecimal("0.10")), "[0.10::decimal(30,2)]"));

    private static String interval(int months, int days, long micros) {
        return "(to_months(" + months + ") + to_days(" + days + ") + to_microseconds(" + micros + "))";
    }

    @Test
    void everyTypeIsExactInDuckDb(@TempDir Path directory) throws Exception {
        List<Column> columns = new ArrayList<>();
        @Nullable Object[] values = new @Nullable Object[SAMPLES.size()];
        for (int i = 0; i < SAMPLES.size(); i++) {
            columns.add(new Column("c \".'" + i + "é", SAMPLES.get(i).type()));
            values[i] = SAMPLES.get(i).value();
        }
        TableSchema schema = new TableSchema(columns, List.of());
        Schema staged = TableShape.create(TABLE, schema);
        StagedRows rows = new StagedRows(TABLE, schema, staged);
        Path file = directory.resolve("types ä.parquet");
        StagedFileWriter writer = new StagedFileWriter(new LocalFileIO().newOutputFile(file.toString()), staged);
        writer.write(rows.loaded(new LoadedRow(Row.of(values), Optional.empty()), 1, 0, 0));
        writer.write(
                rows.loaded(new LoadedRow(Row.of(new @Nullable Object[values.length]), Optional.empty()), 1, 0, 1));
        assertThat(writer.close().recordCount()).isEqualTo(2);

        List<String> wrong = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            try (Statement statement = duckdb.createStatement()) {
                statement.execute("set timezone='UTC'");
            }
            for (int i = 0; i < SAMPLES.size(); i++) {
                Sample sample = SAMPLES.get(i);
                String column = "cast(\"" + columns.get(i).name().replace("\"", "\"\"") + "\" as "
                        + sample.type().sql() + ")";
                String sql = "select " + column + " as read, " + sample.literal() + " as wanted, "
                        + "read is not distinct from wanted and typeof(read) = '" + typeof(sample.type())
                        + "' and read::varchar is not distinct from wanted::varchar from read_parquet('"
                        + file.toString().replace("'", "''") + "') order by _sequence";
                try (Statement statement = duckdb.createStatement();
                        ResultSet result = statement.executeQuery(sql)) {
                    result.next();
                    if (!result.getBoolean(3)) {
                        wrong.add(sample + " read as " + result.getString(1));
                    }
                    result.next();
                    if (result.getString(1) != null) {
                        wrong.add(sample.type() + " NULL read as " + result.getString(1));
                    }
                } catch (java.sql.SQLException e) {
                    wrong.add(sample + ": " + e.getMessage());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static String typeof(DataType type) {
        return type.sql().replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE");
    }

    @Test
    void typeNamesReadBack() {
        for (Sample sample : SAMPLES) {
            assertThat(PhysicalType.parse(sample.type().sql())).isEqualTo(sample.type());
        }
    }
}

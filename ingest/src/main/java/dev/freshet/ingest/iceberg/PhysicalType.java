package dev.freshet.ingest.iceberg;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DataType} lies in staging. {@code cast(column as type.sql())} in DuckDB gives back the exact value:
 *
 * <pre>
 * SMALLINT, INTEGER   int            HUGEINT    string of decimal digits
 * JSON, VARCHAR       string         INTERVAL   string, 'M months D days U microseconds', the three parts signed one by one
 * DATE                date           TIME, TIMESTAMP, TIMESTAMPTZ   microseconds as they are, infinities included
 * UUID                uuid           Decimal    decimal of the same precision and scale
 * ListOf              list of optional elements
 * </pre>
 *
 * A <em>raw</em> value is Iceberg's internal representation: Integer, Long, String, BigDecimal, UUID, ByteBuffer, List.
 */
final class PhysicalType {

    private PhysicalType() {}

    /** @param ids hands out field ids for list elements */
    static Type of(DataType type, IntSupplier ids) {
        if (type instanceof Decimal decimal) {
            return Types.DecimalType.of(decimal.precision(), decimal.scale());
        }
        if (type instanceof ListOf list) {
            int id = ids.getAsInt();
            return Types.ListType.ofOptional(id, of(list.element(), ids));
        }
        return switch ((Simple) type) {
            case BOOLEAN -> Types.BooleanType.get();
            case SMALLINT, INTEGER -> Types.IntegerType.get();
            case BIGINT -> Types.LongType.get();
            case REAL -> Types.FloatType.get();
            case DOUBLE -> Types.DoubleType.get();
            case VARCHAR, JSON, HUGEINT, INTERVAL -> Types.StringType.get();
            case BLOB -> Types.BinaryType.get();
            case DATE -> Types.DateType.get();
            case TIME -> Types.TimeType.get();
            case TIMESTAMP -> Types.TimestampType.withoutZone();
            case TIMESTAMPTZ -> Types.TimestampType.withZone();
            case UUID -> Types.UUIDType.get();
        };
    }

    /** Turns a canonical value into a raw one. */
    static @Nullable Object raw(DataType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (type instanceof Decimal decimal) {
            return ((BigDecimal) value).setScale(decimal.scale());
        }
        if (type instanceof ListOf list) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (Object element : (List<?>) value) {
                elements.add(raw(list.element(), element));
            }
            return elements;
        }
        if (type == Simple.HUGEINT) {
            return value.toString();
        }
        if (type == Simple.INTERVAL) {
            return text((IntervalValue) value);
        }
        return value;
    }

    private static String text(IntervalValue interval) {
        String parts = interval.months() + " months " + interval.days() + " days ";
        // DuckDB reads the digits before the sign, and those of the lowest value do not fit alone.
        return interval.micros() == Long.MIN_VALUE
                ? parts + (Long.MIN_VALUE + 1) + " microseconds -1 microseconds"
                : parts + interval.micros() + " microseconds";
    }

    /** Reads {@link DataType#sql()} back. */
    static DataType parse(String sql) {
        if (sql.endsWith("[]")) {
            return new ListOf(parse(sql.substring(0, sql.length() - 2)));
        }
        if (sql.startsWith("DECIMAL(")) {
            int comma = sql.indexOf(',');
            return new Decimal(
                    Integer.parseInt(sql, "DECIMAL(".length(), comma, 10),
                    Integer.parseInt(sql, comma + 1, sql.length() - 1, 10));
        }
        return sql.equals("FLOAT") ? Simple.REAL : Simple.valueOf(sql.toUpperCase(Locale.ROOT));
    }
}

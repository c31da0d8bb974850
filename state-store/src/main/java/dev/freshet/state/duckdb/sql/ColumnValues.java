package dev.freshet.state.duckdb.sql;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a column is asked for and read so that its value arrives exactly. The JDBC driver loses the era of timestamps before 1 BC, takes 24:00:00
 * for an error and knows no infinity, so times are asked for as microseconds and intervals as text.
 */
public final class ColumnValues {

    private static final Pattern INTERVAL =
            Pattern.compile("(?:(-?\\d+) years?)? ?(?:(-?\\d+) months?)? ?(?:(-?\\d+) days?)? ?"
                    + "(?:(-?)(\\d+):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,6}))?)?");

    private ColumnValues() {}

    /** A select list entry for a column. */
    public static String projection(Column column) {
        String name = quote(column.name());
        String asked = asked(name, column.type(), 0);
        return asked.equals(name) ? name : asked + " AS " + name;
    }

    private static String asked(String value, DataType type, int depth) {
        if (type instanceof ListOf list) {
            String element = "e" + depth;
            String each = asked(element, list.element(), depth + 1);
            return each.equals(element) ? value : "list_transform(" + value + ", lambda " + element + ": " + each + ")";
        }
        if (type == Simple.TIME) {
            return "epoch_us(" + value + ")";
        }
        if (type == Simple.TIMESTAMP || type == Simple.TIMESTAMPTZ) {
            // epoch_us of an infinity is NULL.
            return "coalesce(epoch_us(" + value + "), CASE WHEN isinf(" + value + ") THEN CASE WHEN " + value
                    + " > 'epoch'::" + type.sql() + " THEN 9223372036854775807 ELSE -9223372036854775807 END END)";
        }
        return type == Simple.INTERVAL || type == Simple.JSON ? value + "::VARCHAR" : value;
    }

    /** The canonical value of a result column that was asked for by {@link #projection}. */
    public static @Nullable Object read(ResultSet row, int index, DataType type) throws SQLException {
        if (type == Simple.BLOB) {
            byte[] bytes = row.getBytes(index);
            return bytes == null ? null : ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }
        return canonical(row.getObject(index), type);
    }

    private static @Nullable Object canonical(@Nullable Object value, DataType type) throws SQLException {
        if (value == null) {
            return null;
        }
        if (type instanceof ListOf list) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (Object element : (Object[]) ((Array) value).getArray()) {
                elements.add(canonical(element, list.element()));
            }
            return elements;
        }
        if (type instanceof Decimal decimal) {
            return ((BigDecimal) value).setScale(decimal.scale());
        }
        return switch ((Simple) type) {
            case SMALLINT, INTEGER -> ((Number) value).intValue();
            case DATE -> (int) ((LocalDate) value).toEpochDay();
            case INTERVAL -> interval(value.toString());
            case BLOB -> bytes(value);
            case JSON, VARCHAR -> value.toString();
            case BOOLEAN, BIGINT, HUGEINT, REAL, DOUBLE, TIME, TIMESTAMP, TIMESTAMPTZ, UUID -> value;
        };
    }

    private static ByteBuffer bytes(Object value) throws SQLException {
        Blob blob = (Blob) value;
        return ByteBuffer.wrap(blob.getBytes(1, (int) blob.length())).asReadOnlyBuffer();
    }

    /** Reads DuckDB's text of an interval, in which each part has its own sign. */
    static IntervalValue interval(String text) {
        Matcher parts = INTERVAL.matcher(text);
        if (!parts.matches()) {
            throw new IllegalStateException("not an interval of DuckDB: '" + text + "'");
        }
        int months = Math.addExact(Math.multiplyExact(integer(parts.group(1)), 12), integer(parts.group(2)));
        long micros = 0;
        if (parts.group(5) != null) {
            String fraction = parts.group(8) == null ? "" : parts.group(8);
            // Summed below zero, because the smallest number has no positive counterpart.
            long negative = -Long.parseLong(parts.group(5)) * 3_600_000_000L
                    - Long.parseLong(parts.group(6)) * 60_000_000L
                    - Long.parseLong(parts.group(7)) * 1_000_000L
                    - Long.parseLong((fraction + "000000").substring(0, 6));
            micros = "-".equals(parts.group(4)) ? negative : -negative;
        }
        return new IntervalValue(months, integer(parts.group(3)), micros);
    }

    private static int integer(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}

package dev.freshet.publisher.duckdb;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * How a column's canonical values reach DuckDB exactly: appended as they are where the appender can, else as text that a statement converts.
 */
final class ColumnWriter {

    private static final long DAY_MICROS = 86_400_000_000L;

    private final DataType type;

    ColumnWriter(DataType type) {
        this.type = type;
    }

    /** The type of the staging table's column. */
    String stagedType() {
        if (type instanceof ListOf) {
            return "VARCHAR[]";
        }
        return type == Simple.INTERVAL ? "VARCHAR" : type.sql();
    }

    /** The staged column as an expression of the declared type. */
    String converted(String staged) {
        if (type instanceof ListOf list) {
            return "list_transform(" + staged + ", lambda e: " + fromText("e", list.element()) + ")";
        }
        return type == Simple.INTERVAL ? fromText(staged, type) : staged;
    }

    private static String fromText(String text, DataType type) {
        if (type instanceof Simple simple) {
            String first = "-" + Long.MAX_VALUE;
            return switch (simple) {
                case VARCHAR -> text;
                case BLOB -> "unhex(" + text + ")";
                case DATE ->
                    "CASE " + text + " WHEN '" + Integer.MAX_VALUE + "' THEN 'infinity'::DATE WHEN '-"
                            + Integer.MAX_VALUE + "' THEN '-infinity'::DATE ELSE DATE '1970-01-01' + " + text
                            + "::INTEGER END";
                case TIMESTAMP, TIMESTAMPTZ ->
                    "CASE " + text + " WHEN '" + Long.MAX_VALUE + "' THEN 'infinity'::" + type.sql() + " WHEN '"
                            + first + "' THEN '-infinity'::" + type.sql() + " ELSE "
                            + (simple == Simple.TIMESTAMP ? "make_timestamp(" : "make_timestamptz(") + text
                            + "::BIGINT) END";
                case INTERVAL ->
                    "to_months(split_part(" + text + ", ' ', 1)::INTEGER) + to_days(split_part(" + text
                            + ", ' ', 2)::INTEGER) + to_microseconds(split_part(" + text + ", ' ', 3)::BIGINT)";
                default -> text + "::" + type.sql();
            };
        }
        return text + "::" + type.sql();
    }

    /** Why DuckDB can't hold a value, or null. */
    static @Nullable String refusal(@Nullable Object value) {
        if (value instanceof String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))) {
                    if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                        return "half of a surrogate pair, which is not a character";
                    }
                    i++;
                }
            }
        } else if (value instanceof List<?> elements) {
            for (Object element : elements) {
                String refused = refusal(element);
                if (refused != null) {
                    return refused;
                }
            }
        }
        return null;
    }

    void write(@Nullable Object value, DuckDBAppender out) throws SQLException {
        if (value == null) {
            out.appendNull();
        } else if (type instanceof ListOf list) {
            List<@Nullable String> texts = new ArrayList<>();
            for (Object element : (List<?>) value) {
                texts.add(element == null ? null : text(element, list.element()));
            }
            out.append(texts);
        } else if (type instanceof Decimal) {
            out.append((BigDecimal) value);
        } else {
            write(value, (Simple) type, out);
        }
    }

    private static void write(Object value, Simple type, DuckDBAppender out) throws SQLException {
        switch (type) {
            case BOOLEAN -> out.append((boolean) (Boolean) value);
            case SMALLINT -> out.append(((Integer) value).shortValue());
            case INTEGER -> out.append((int) (Integer) value);
            case BIGINT -> out.append((long) (Long) value);
            case HUGEINT -> out.append((BigInteger) value);
            case REAL -> out.append((float) (Float) value);
            case DOUBLE -> out.append((double) (Double) value);
            case VARCHAR, JSON -> out.append((String) value);
            case BLOB -> out.append(bytes((ByteBuffer) value));
            case DATE -> out.appendEpochDays((Integer) value);
            case TIME -> out.appendDayMicros((Long) value);
            case TIMESTAMP, TIMESTAMPTZ -> out.appendEpochMicros((Long) value);
            case INTERVAL -> out.append(text(value, type));
            case UUID -> out.append((UUID) value);
        }
    }

    private static String text(Object value, DataType type) {
        if (value instanceof IntervalValue interval) {
            return interval.months() + " " + interval.days() + " " + interval.micros();
        }
        if (value instanceof ByteBuffer buffer) {
            return HexFormat.of().formatHex(bytes(buffer));
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        return type == Simple.TIME ? time((Long) value) : value.toString();
    }

    private static String time(long micros) {
        if (micros == DAY_MICROS) {
            return "24:00:00";
        }
        long seconds = micros / 1_000_000;
        return String.format(
                Locale.ROOT,
                "%02d:%02d:%02d.%06d",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60,
                micros % 1_000_000);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}

package dev.freshet.publisher.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Row;
import dev.freshet.state.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values in JSON, each exactly:
 *
 * <pre>
 * BOOLEAN                      true, false
 * SMALLINT, INTEGER, BIGINT    a number
 * HUGEINT, Decimal             a string of digits, with exactly the type's scale: most readers' numbers hold fewer digits
 * REAL, DOUBLE                 a number; "NaN", "Infinity", "-Infinity"; -0.0 as 0.0
 * VARCHAR, JSON, UUID          a string
 * BLOB                         a string in Base64
 * DATE, TIMESTAMP              "2026-11-20", "2026-11-20T12:00:00.000001"; "infinity", "-infinity"
 * TIMESTAMPTZ                  the same in UTC with a Z
 * TIME                         "12:00:00.000001", 24:00:00 included
 * INTERVAL                     ISO 8601, "P1M-2DT3.000001S": months, days, seconds
 * ListOf                       an array
 * </pre>
 */
final class JsonValues {

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("'T'HH:mm:ss")
            .optionalStart()
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);
    private static final long MICROS = 1_000_000;

    private JsonValues() {}

    /** An object of some of a row's columns. */
    static void writeObject(JsonGenerator json, TableSchema schema, Row row, int... columns) throws IOException {
        json.writeStartObject();
        for (int column : columns) {
            Column written = schema.columns().get(column);
            json.writeFieldName(written.name());
            write(json, row.value(column), written.type());
        }
        json.writeEndObject();
    }

    static void write(JsonGenerator json, @Nullable Object value, DataType type) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (type instanceof Decimal) {
            json.writeString(((BigDecimal) value).toPlainString());
        } else if (type instanceof ListOf list) {
            json.writeStartArray();
            for (Object element : (List<?>) value) {
                write(json, element, list.element());
            }
            json.writeEndArray();
        } else {
            write(json, value, (Simple) type);
        }
    }

    private static void write(JsonGenerator json, Object value, Simple type) throws IOException {
        switch (type) {
            case BOOLEAN -> json.writeBoolean((Boolean) value);
            case SMALLINT, INTEGER -> json.writeNumber((Integer) value);
            case BIGINT -> json.writeNumber((Long) value);
            case REAL -> {
                // Adding zero turns -0.0, which equals it, into 0.0.
                float number = (Float) value + 0.0f;
                if (Float.isFinite(number)) {
                    json.writeNumber(number);
                } else {
                    json.writeString(Float.toString(number));
                }
            }
            case DOUBLE -> {
                double number = (Double) value + 0.0;
                if (Double.isFinite(number)) {
                    json.writeNumber(number);
                } else {
                    json.writeString(Double.toString(number));
                }
            }
            case HUGEINT, VARCHAR, JSON, UUID -> json.writeString(value.toString());
            case BLOB -> {
                ByteBuffer blob = ((ByteBuffer) value).duplicate();
                byte[] bytes = new byte[blob.remaining()];
                blob.get(bytes);
                json.writeBinary(bytes);
            }
            case DATE -> json.writeString(date((Integer) value));
            case TIME -> json.writeString(time((Long) value));
            case TIMESTAMP -> json.writeString(timestamp((Long) value, ""));
            case TIMESTAMPTZ -> json.writeString(timestamp((Long) value, "Z"));
            case INTERVAL -> json.writeString(interval((IntervalValue) value));
        }
    }

    private static String date(int days) {
        if (Math.abs(days) == Integer.MAX_VALUE) {
            return days > 0 ? "infinity" : "-infinity";
        }
        return DateTimeFormatter.ISO_LOCAL_DATE.format(LocalDate.ofEpochDay(days));
    }

    private static String time(long micros) {
        long seconds = micros / MICROS;
        return String.format(Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
                + fraction(micros % MICROS);
    }

    private static String timestamp(long micros, String zone) {
        if (Math.abs(micros) == Long.MAX_VALUE) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        try {
            LocalDateTime time = LocalDateTime.ofEpochSecond(
                    Math.floorDiv(micros, MICROS), (int) Math.floorMod(micros, MICROS) * 1000, ZoneOffset.UTC);
            return TIMESTAMP.format(time) + zone;
        } catch (DateTimeException e) {
            throw new IllegalStateException("no value of DuckDB's is out of Java's range: " + micros, e);
        }
    }

    private static String interval(IntervalValue value) {
        boolean negative = value.micros() < 0;
        // Long.MIN_VALUE has no positive counterpart, its parts have.
        long seconds = Math.abs(value.micros() / MICROS);
        long fraction = Math.abs(value.micros() % MICROS);
        return "P" + value.months() + "M" + value.days() + "DT" + (negative ? "-" : "") + seconds + fraction(fraction)
                + "S";
    }

    private static String fraction(long micros) {
        if (micros == 0) {
            return "";
        }
        return "." + String.format(Locale.ROOT, "%06d", micros).replaceAll("0+$", "");
    }
}

package dev.freshet.publisher.postgres;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes a canonical value as PostgreSQL's binary receive function of its type reads it (PostgreSQL documentation, COPY, binary format;
 * the layouts are those of each type's send function). Exact for every value that PostgreSQL can hold.
 */
interface FieldEncoder {

    /** @return what the value contains that PostgreSQL can't hold, or null when it was written */
    @Nullable
    String encode(Object value, CopyBuffer out);

    /** 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
    long EPOCH_DAYS = 10_957;

    long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;
    /** 4714-11-24 BC and the day after 5874897-12-31, in days from 2000-01-01. */
    long FIRST_DAY = -2_451_545L;

    long END_DAY = 2_145_031_949L;
    /** 4714-11-24 BC, in microseconds from 2000-01-01. The last timestamp lies beyond what a canonical value can reach. */
    long FIRST_MICRO = FIRST_DAY * 86_400_000_000L;

    static FieldEncoder of(DataType type) {
        if (type instanceof Decimal) {
            return (value, out) -> numeric((BigDecimal) value, out);
        }
        if (type instanceof ListOf list) {
            return arrayOf(list.element());
        }
        return switch ((Simple) type) {
            case BOOLEAN ->
                (value, out) -> {
                    out.putByte((Boolean) value ? 1 : 0);
                    return null;
                };
            case SMALLINT ->
                (value, out) -> {
                    out.putShort((Integer) value);
                    return null;
                };
            case INTEGER ->
                (value, out) -> {
                    out.putInt((Integer) value);
                    return null;
                };
            case BIGINT ->
                (value, out) -> {
                    out.putLong((Long) value);
                    return null;
                };
            case HUGEINT -> (value, out) -> numeric(new BigDecimal((BigInteger) value), out);
            case REAL ->
                (value, out) -> {
                    out.putInt(Float.floatToIntBits((Float) value));
                    return null;
                };
            case DOUBLE ->
                (value, out) -> {
                    out.putLong(Double.doubleToLongBits((Double) value));
                    return null;
                };
            case VARCHAR, JSON -> (value, out) -> out.putText((String) value);
            case BLOB ->
                (value, out) -> {
                    out.putBytes((ByteBuffer) value);
                    return null;
                };
            case DATE -> (value, out) -> date((Integer) value, out);
            case TIME ->
                (value, out) -> {
                    out.putLong((Long) value);
                    return null;
                };
            case TIMESTAMP, TIMESTAMPTZ -> (value, out) -> timestamp((Long) value, out);
            case INTERVAL -> (value, out) -> interval((IntervalValue) value, out);
            case UUID ->
                (value, out) -> {
                    UUID uuid = (UUID) value;
                    out.putLong(uuid.getMostSignificantBits());
                    out.putLong(uuid.getLeastSignificantBits());
                    return null;
                };
        };
    }

    private static @Nullable String date(int days, CopyBuffer out) {
        if (days == Integer.MAX_VALUE) {
            out.putInt(Integer.MAX_VALUE);
        } else if (days == -Integer.MAX_VALUE) {
            out.putInt(Integer.MIN_VALUE);
        } else {
            long from2000 = days - EPOCH_DAYS;
            if (from2000 < FIRST_DAY || from2000 >= END_DAY) {
                return "a date outside PostgreSQL's 4714-11-24 BC to 5874897-12-31";
            }
            out.putInt((int) from2000);
        }
        return null;
    }

    private static @Nullable String timestamp(long micros, CopyBuffer out) {
        if (micros == Long.MAX_VALUE) {
            out.putLong(Long.MAX_VALUE);
        } else if (micros == -Long.MAX_VALUE) {
            out.putLong(Long.MIN_VALUE);
        } else if (micros < FIRST_MICRO + EPOCH_MICROS) {
            return "a timestamp before PostgreSQL's first, 4714-11-24 BC";
        } else {
            out.putLong(micros - EPOCH_MICROS);
        }
        return null;
    }

    private static @Nullable String interval(IntervalValue value, CopyBuffer out) {
        boolean looksInfinite = value.months() == value.days()
                && (value.months() == Integer.MAX_VALUE && value.micros() == Long.MAX_VALUE
                        || value.months() == Integer.MIN_VALUE && value.micros() == Long.MIN_VALUE);
        if (looksInfinite) {
            return "an interval that PostgreSQL reads as infinite";
        }
        out.putLong(value.micros());
        out.putInt(value.days());
        out.putInt(value.months());
        return null;
    }

    private static @Nullable String numeric(BigDecimal value, CopyBuffer out) {
        int scale = value.scale();
        String digits = value.unscaledValue().abs().toString();
        int integerDigits = Math.max(digits.length() - scale, 0);
        int integerGroups = (integerDigits + 3) / 4;
        int fractionGroups = (scale + 3) / 4;
        // The digits stand in a frame of whole groups of four around the decimal point.
        int offset = integerGroups * 4 - (digits.length() - scale);
        int groups = integerGroups + fractionGroups;
        short[] group = new short[groups];
        for (int i = 0; i < digits.length(); i++) {
            int at = offset + i;
            group[at >> 2] += (short) ((digits.charAt(i) - '0') * POWERS[at & 3]);
        }
        int first = 0;
        while (first < groups && group[first] == 0) {
            first++;
        }
        int last = groups;
        while (last > first && group[last - 1] == 0) {
            last--;
        }
        out.putShort(last - first);
        out.putShort(last == first ? 0 : integerGroups - 1 - first);
        out.putShort(value.signum() < 0 ? 0x4000 : 0);
        out.putShort(scale);
        for (int i = first; i < last; i++) {
            out.putShort(group[i]);
        }
        return null;
    }

    int[] POWERS = {1000, 100, 10, 1};

    private static FieldEncoder arrayOf(DataType element) {
        FieldEncoder encoder = of(element);
        int oid = PostgresTypes.oid(element);
        return (value, out) -> {
            List<?> elements = (List<?>) value;
            out.putInt(elements.isEmpty() ? 0 : 1);
            out.putInt(elements.stream().anyMatch(Objects::isNull) ? 1 : 0);
            out.putInt(oid);
            if (!elements.isEmpty()) {
                out.putInt(elements.size());
                out.putInt(1);
            }
            for (Object each : elements) {
                String refused = encodeField(encoder, each, out);
                if (refused != null) {
                    return refused;
                }
            }
            return null;
        };
    }

    /** A value with its length before it, or the mark for NULL. */
    static @Nullable String encodeField(FieldEncoder encoder, @Nullable Object value, CopyBuffer out) {
        if (value == null) {
            out.putInt(-1);
            return null;
        }
        int start = out.openLength();
        String refused = encoder.encode(value, out);
        if (refused == null) {
            out.closeLength(start);
        }
        return refused;
    }
}

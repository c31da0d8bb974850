package dev.freshet.transform.project.partial;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain values (null, booleans, numbers, texts, lists and dictionaries) as bytes; {@link ValueReader} gives them back, of the same types. */
final class ValueWriter {

    static final byte NULL = 0;
    static final byte TRUE = 1;
    static final byte FALSE = 2;
    static final byte INTEGER = 3;
    static final byte LONG = 4;
    static final byte DOUBLE = 5;
    static final byte BIG_INTEGER = 6;
    static final byte BIG_DECIMAL = 7;
    static final byte TEXT = 8;
    static final byte LIST = 9;
    static final byte MAP = 10;

    private static final int FIRST_SIZE = 1024;

    private final Map<String, Integer> known = new HashMap<>();
    private final boolean isPooled;
    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;

    private ValueWriter(boolean isPooled) {
        this.isPooled = isPooled;
    }

    /** Each text as often as it occurs, so that equal values give equal bytes. */
    static ValueWriter plain() {
        return new ValueWriter(false);
    }

    /** Each text once. */
    static ValueWriter pooled() {
        return new ValueWriter(true);
    }

    /** Whether a value can be written. */
    static boolean isPlain(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().allMatch(ValueWriter::isPlain);
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .allMatch(entry -> entry.getKey() instanceof String && isPlain(entry.getValue()));
        }
        return value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof BigInteger
                || value instanceof BigDecimal;
    }

    /** @throws IllegalArgumentException when it is not plain */
    ValueWriter value(@Nullable Object value) {
        if (value == null) {
            write(NULL);
        } else if (value instanceof String text) {
            write(TEXT);
            text(text);
        } else if (value instanceof Boolean flag) {
            write(flag ? TRUE : FALSE);
        } else if (value instanceof Integer number) {
            write(INTEGER);
            number(number);
        } else if (value instanceof Long number) {
            write(LONG);
            number(number);
        } else if (value instanceof Double number) {
            write(DOUBLE);
            number(Double.doubleToRawLongBits(number));
        } else if (value instanceof BigInteger number) {
            write(BIG_INTEGER);
            text(number.toString());
        } else if (value instanceof BigDecimal number) {
            write(BIG_DECIMAL);
            text(number.toString());
        } else if (value instanceof List<?> list) {
            write(LIST);
            number(list.size());
            list.forEach(this::value);
        } else if (value instanceof Map<?, ?> map) {
            write(MAP);
            number(map.size());
            map.forEach((key, item) -> {
                text((String) key);
                value(item);
            });
        } else {
            throw new IllegalArgumentException(value.getClass().getName());
        }
        return this;
    }

    ValueWriter text(String text) {
        if (isPooled) {
            Integer index = known.get(text);
            if (index != null) {
                number(index);
                return this;
            }
            number(known.size());
            known.put(text, known.size());
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        number(encoded.length);
        ensure(encoded.length);
        System.arraycopy(encoded, 0, bytes, size, encoded.length);
        size += encoded.length;
        return this;
    }

    ValueWriter number(int number) {
        return number((long) number);
    }

    /** Small ones in one byte. */
    ValueWriter number(long number) {
        ensure(Long.BYTES + 2);
        long left = number;
        while ((left & ~0x7FL) != 0) {
            bytes[size++] = (byte) (left & 0x7F | 0x80);
            left >>>= 7;
        }
        bytes[size++] = (byte) left;
        return this;
    }

    private void write(byte tag) {
        ensure(1);
        bytes[size++] = tag;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, size);
    }
}

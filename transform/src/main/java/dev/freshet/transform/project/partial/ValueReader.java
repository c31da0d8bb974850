package dev.freshet.transform.project.partial;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a pooled {@link ValueWriter} wrote. Bytes that none wrote give any exception. */
final class ValueReader {

    private final List<String> known = new ArrayList<>();
    private final byte[] bytes;
    private int at;

    ValueReader(byte[] bytes) {
        this.bytes = bytes;
    }

    @Nullable
    Object value() {
        byte tag = bytes[at++];
        return switch (tag) {
            case ValueWriter.NULL -> null;
            case ValueWriter.TRUE -> true;
            case ValueWriter.FALSE -> false;
            case ValueWriter.INTEGER -> (int) number();
            case ValueWriter.LONG -> number();
            case ValueWriter.DOUBLE -> Double.longBitsToDouble(number());
            case ValueWriter.BIG_INTEGER -> new BigInteger(text());
            case ValueWriter.BIG_DECIMAL -> new BigDecimal(text());
            case ValueWriter.TEXT -> text();
            case ValueWriter.LIST -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (long left = number(); left > 0; left--) {
                    list.add(value());
                }
                yield list;
            }
            case ValueWriter.MAP -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (long left = number(); left > 0; left--) {
                    map.put(text(), value());
                }
                yield map;
            }
            default -> throw new IllegalArgumentException("tag " + tag);
        };
    }

    String text() {
        int index = count();
        if (index < known.size()) {
            return known.get(index);
        }
        int length = count();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        known.add(text);
        return text;
    }

    int count() {
        return Math.toIntExact(number());
    }

    private long number() {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at++];
            number |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return number;
            }
        }
    }

    boolean isAtEnd() {
        return at == bytes.length;
    }
}

package dev.freshet.ingest.postgres;

import dev.freshet.state.DataType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The text forms of PostgreSQL's types (PostgreSQL documentation, chapter 8), as sent with DateStyle ISO and IntervalStyle postgres. */
final class ValueReaders {

    private ValueReaders() {}

    static ValueReader of(DataType type) {
        if (type instanceof DataType.Decimal decimal) {
            return text -> decimal(text, decimal);
        }
        if (type instanceof DataType.ListOf list) {
            ValueReader element = of(list.element());
            return text -> list(text, element);
        }
        return switch ((DataType.Simple) type) {
            case BOOLEAN -> text -> bool(text);
            case SMALLINT, INTEGER -> text -> number(text, Integer::valueOf);
            case BIGINT -> text -> number(text, Long::valueOf);
            case HUGEINT -> text -> number(text, java.math.BigInteger::new);
            case REAL -> text -> number(text, Float::valueOf);
            case DOUBLE -> text -> number(text, Double::valueOf);
            case VARCHAR, JSON -> text -> text;
            case BLOB -> ValueReaders::bytes;
            case DATE -> TemporalText::date;
            case TIME -> TemporalText::time;
            case TIMESTAMP -> TemporalText::timestamp;
            case TIMESTAMPTZ -> TemporalText::timestampWithZone;
            case INTERVAL -> IntervalText::read;
            case UUID -> text -> number(text, UUID::fromString);
        };
    }

    private static Object bool(String text) {
        return switch (text) {
            case "t" -> Boolean.TRUE;
            case "f" -> Boolean.FALSE;
            default -> throw new UnfitValueException("is not a boolean");
        };
    }

    private interface Parse {
        Object of(String text);
    }

    private static Object number(String text, Parse parse) {
        try {
            return parse.of(text);
        } catch (IllegalArgumentException e) {
            throw new UnfitValueException("does not fit the column's declared type");
        }
    }

    private static Object decimal(String text, DataType.Decimal type) {
        char first = text.charAt(0);
        if (first == 'N') {
            throw new UnfitValueException("is NaN, which " + type.sql() + " can't hold");
        }
        if (first == 'I' || text.startsWith("-I")) {
            throw new UnfitValueException("is infinite, which " + type.sql() + " can't hold");
        }
        BigDecimal value;
        try {
            value = new BigDecimal(text);
            value = value.scale() == type.scale() ? value : value.setScale(type.scale(), RoundingMode.UNNECESSARY);
        } catch (NumberFormatException e) {
            throw new UnfitValueException("is not a number");
        } catch (ArithmeticException e) {
            throw new UnfitValueException("has more digits behind the point than " + type.sql());
        }
        if (value.precision() > type.precision()) {
            throw new UnfitValueException("has more digits than " + type.sql());
        }
        return value;
    }

    private static Object bytes(String text) {
        if (!text.startsWith("\\x")) {
            throw new UnfitValueException("is not in hex format");
        }
        int length = (text.length() - 2) / 2;
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte)
                    ((Character.digit(text.charAt(2 + 2 * i), 16) << 4) | Character.digit(text.charAt(3 + 2 * i), 16));
        }
        return ByteBuffer.wrap(bytes);
    }

    /** {@code {1,NULL,"a b"}}, optionally with its bounds before it ({@code [2:4]={…}}), which are not kept. */
    private static Object list(String text, ValueReader element) {
        int at = 0;
        if (text.charAt(0) == '[') {
            at = text.indexOf('=') + 1;
            if (text.substring(0, at).indexOf("][") >= 0) {
                throw new UnfitValueException("has more than one dimension");
            }
        }
        List<Object> values = new ArrayList<>();
        StringBuilder item = new StringBuilder();
        at++;
        while (text.charAt(at) != '}') {
            char c = text.charAt(at);
            if (c == '{') {
                throw new UnfitValueException("has more than one dimension");
            }
            item.setLength(0);
            boolean quoted = c == '"';
            if (quoted) {
                at++;
                while (text.charAt(at) != '"') {
                    at += text.charAt(at) == '\\' ? 1 : 0;
                    item.append(text.charAt(at++));
                }
                at++;
            } else {
                while (text.charAt(at) != ',' && text.charAt(at) != '}') {
                    item.append(text.charAt(at++));
                }
            }
            String value = item.toString();
            values.add(!quoted && value.equals("NULL") ? null : element.read(value));
            if (text.charAt(at) == ',') {
                at++;
            }
        }
        return values;
    }
}

package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Python's {@code repr()}. */
final class PythonText {

    /** Deeper than anything meant to be printed; a list that contains itself ends here. */
    private static final int MAX_DEPTH = 200;

    private PythonText() {}

    static String repr(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0);
        return out.toString();
    }

    private static void append(StringBuilder out, Object value, int depth) {
        if (depth > MAX_DEPTH) {
            out.append("...");
        } else if (value instanceof String text) {
            quote(out, text);
        } else if (value instanceof Boolean flag) {
            out.append(flag ? "True" : "False");
        } else if (value instanceof Double number) {
            out.append(Numbers.text(number));
        } else if (value instanceof BigDecimal decimal) {
            out.append(depth == 0 ? decimalText(decimal) : "Decimal('" + decimalText(decimal) + "')");
        } else if (value instanceof JinjaObject object) {
            out.append(object.representation());
        } else if (value instanceof List<?> list) {
            sequence(out, list.iterator(), "[", "]", depth);
        } else if (value instanceof Tuple tuple) {
            sequence(out, tuple.iterator(), "(", tuple.size() == 1 ? ",)" : ")", depth);
        } else if (value instanceof Map<?, ?> map) {
            dictionary(out, map, depth);
        } else if (value instanceof Set<?> set) {
            if (set.isEmpty()) {
                out.append("set()");
            } else {
                sequence(out, set.iterator(), "{", "}", depth);
            }
        } else if (value instanceof DictionaryView view) {
            sequence(out, view.iterator(), view.part().typeName() + "([", "])", depth);
        } else if (value instanceof Undefined) {
            out.append("Undefined");
        } else if (value instanceof JinjaFunction && value.getClass().isSynthetic()) {
            out.append("<function>");
        } else {
            out.append(value);
        }
    }

    private static void sequence(StringBuilder out, Iterator<?> items, String open, String close, int depth) {
        out.append(open);
        while (items.hasNext()) {
            append(out, PythonValues.fromHost(items.next()), depth + 1);
            if (items.hasNext()) {
                out.append(", ");
            }
        }
        out.append(close);
    }

    private static void dictionary(StringBuilder out, Map<?, ?> map, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!first) {
                out.append(", ");
            }
            first = false;
            append(out, PythonValues.fromHost(entry.getKey()), depth + 1);
            out.append(": ");
            append(out, PythonValues.fromHost(entry.getValue()), depth + 1);
        }
        out.append('}');
    }

    static String decimalText(BigDecimal decimal) {
        return decimal.toString();
    }

    private static void quote(StringBuilder out, String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (point == quote) {
                        out.append('\\').append(quote);
                    } else if (point < 32 || point == 127 || (point > 127 && !isPrintable(point))) {
                        out.append(
                                point < 256
                                        ? "\\x%02x".formatted(point)
                                        : point < 65536 ? "\\u%04x".formatted(point) : "\\U%08x".formatted(point));
                    } else {
                        out.appendCodePoint(point);
                    }
                }
            }
        });
        out.append(quote);
    }

    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    static String joined(Iterable<String> parts, String separator) {
        StringJoiner joiner = new StringJoiner(separator);
        parts.forEach(joiner::add);
        return joiner.toString();
    }
}

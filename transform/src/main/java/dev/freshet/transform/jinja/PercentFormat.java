package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code text % values}, Python's printf-like formatting. */
final class PercentFormat {

    private static final Pattern DIRECTIVE =
            Pattern.compile("%(?:\\(([^)]*)\\))?([#0\\- +]*)(\\*|\\d+)?(\\.(?:\\*|\\d+)?)?[hlL]?(.)?", Pattern.DOTALL);
    private static final int MAX_WIDTH = 1_000_000;

    private final @Nullable Map<?, ?> mapping;
    private final List<Object> values;
    private final boolean isTuple;
    /** Python takes anything that has items for a possible mapping, and does not mind when it is not used. */
    private final boolean isSubscriptable;

    private int next;
    private boolean usedMapping;

    private PercentFormat(Object values) {
        this.mapping = values instanceof Map<?, ?> map ? map : null;
        this.isTuple = values instanceof Tuple;
        this.isSubscriptable = values instanceof Map
                || values instanceof java.util.List
                || values instanceof PythonRange
                || values instanceof Undefined;
        this.values = values instanceof Tuple tuple ? tuple.items() : List.of(values);
    }

    static String format(String template, Object values) {
        return new PercentFormat(values).format(template);
    }

    private String format(String template) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        Matcher matcher = DIRECTIVE.matcher(template);
        while (matcher.find(at)) {
            out.append(template, at, matcher.start());
            out.append(directive(matcher));
            at = matcher.end();
        }
        out.append(template.substring(at));
        boolean spare = isTuple ? next < values.size() : next == 0 && !isSubscriptable;
        if (spare && !usedMapping) {
            throw new PythonError("not all arguments converted during string formatting");
        }
        return out.toString();
    }

    private String directive(Matcher matcher) {
        String conversion = matcher.group(5);
        if (conversion == null) {
            throw new PythonError("incomplete format");
        }
        String flags = matcher.group(2);
        int width = size(matcher.group(3), 0);
        boolean left = flags.contains("-") || width < 0;
        String written = matcher.group(4);
        int precision =
                written == null ? -1 : Math.max(0, size(written.length() == 1 ? null : written.substring(1), 0));
        char type = conversion.charAt(0);
        if (type == '%') {
            return "%";
        }
        Object value = value(matcher.group(1));
        String mark = "";
        String text;
        switch (type) {
            case 's' -> text = cut(PythonValues.text(value), precision);
            case 'r', 'a' -> text = cut(PythonValues.repr(value), precision);
            case 'c' -> text = value instanceof String string ? string : Character.toString(Numbers.toIndex(value));
            case 'd', 'i', 'u', 'x', 'X', 'o' -> {
                Object number = integer(value, type);
                mark = mark(Numbers.compare(number, 0L) < 0, flags);
                String digits = NumberFormat.integer(
                        Numbers.toBigInteger(number).abs(),
                        type == 'i' || type == 'u' ? 'd' : type,
                        flags.contains("#"));
                text = "0".repeat(Math.max(0, precision - digits.length())) + digits;
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                double number = real(value);
                mark = mark(number < 0 || (number == 0 && 1 / number < 0), flags);
                text = NumberFormat.real(Math.abs(number), type, precision < 0 ? 6 : precision, flags.contains("#"));
            }
            default ->
                throw new PythonError(
                        "unsupported format character '" + type + "' in " + PythonValues.repr(matcher.group()));
        }
        int room = Math.abs(width);
        boolean isText = "srac".indexOf(type) >= 0;
        if (flags.contains("0") && !left && !isText) {
            return mark + "0".repeat(Math.max(0, room - mark.length() - text.length())) + text;
        }
        return StringMethods.justify(mark + text, room, " ", left ? '<' : '>');
    }

    private static String mark(boolean negative, String flags) {
        return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    }

    private static String cut(String text, int precision) {
        return precision >= 0 && precision < CodePoints.length(text) ? CodePoints.substring(text, 0, precision) : text;
    }

    private int size(@Nullable String written, int otherwise) {
        if (written == null) {
            return otherwise;
        }
        int size = written.equals("*")
                ? Numbers.toIndex(value(null))
                : written.length() > 7 ? Integer.MAX_VALUE : Integer.parseInt(written);
        if (Math.abs((long) size) > MAX_WIDTH) {
            throw new PythonError("a width or precision in a format is larger than " + MAX_WIDTH);
        }
        return size;
    }

    private Object value(@Nullable String key) {
        if (key != null) {
            if (mapping == null) {
                throw new PythonError("format requires a mapping");
            }
            usedMapping = true;
            Object value = Keys.get(mapping, key);
            if (value == null) {
                throw new PythonError("the format names '" + key + "', which the dictionary lacks");
            }
            return value;
        }
        if (next >= values.size()) {
            throw new PythonError("not enough arguments for format string");
        }
        return values.get(next++);
    }

    private static Object integer(Object value, char type) {
        PythonValues.requireDefined(value);
        if (!Numbers.isNumber(value) || ((type == 'x' || type == 'X' || type == 'o') && !Numbers.isInteger(value))) {
            throw new PythonError("%" + type + " format: a number is required, not " + PythonValues.typeName(value));
        }
        return Numbers.truncate(value);
    }

    private static double real(Object value) {
        PythonValues.requireDefined(value);
        if (!Numbers.isNumber(value)) {
            throw new PythonError("must be real number, not " + PythonValues.typeName(value));
        }
        return Numbers.toDouble(value);
    }
}

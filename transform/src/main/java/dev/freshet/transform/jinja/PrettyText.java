package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's {@code pprint.pformat} with its default width: what does not fit on a line is broken after each item. Long texts are not broken. */
final class PrettyText {

    private static final int WIDTH = 80;

    private PrettyText() {}

    static String format(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0, 0);
        return out.toString();
    }

    /** @param allowance the closing brackets that follow on the last line */
    private static void append(StringBuilder out, Object value, int column, int allowance) {
        String line = PythonValues.repr(inKeyOrder(value));
        boolean fits = CodePoints.length(line) <= WIDTH - column - allowance;
        if (!fits && value instanceof Map<?, ?> map && !map.isEmpty()) {
            dictionary(out, map, column, allowance);
        } else if (!fits && value instanceof List<?> list && !list.isEmpty()) {
            sequence(out, list, "[", "]", column, allowance);
        } else if (!fits && value instanceof Tuple tuple && tuple.size() > 0) {
            sequence(out, tuple.items(), "(", tuple.size() == 1 ? ",)" : ")", column, allowance);
        } else {
            out.append(line);
        }
    }

    private static Object inKeyOrder(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> ordered = new java.util.LinkedHashMap<>();
            entries(map).forEach(entry -> ordered.put(entry.get(0), inKeyOrder(entry.get(1))));
            return ordered;
        }
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(inKeyOrder(PythonValues.fromHost(item))));
            return items;
        }
        return value;
    }

    private static List<Tuple> entries(Map<?, ?> map) {
        List<Tuple> entries = new ArrayList<>();
        new DictionaryView(map, DictionaryView.Part.ITEMS).forEach(entry -> entries.add((Tuple) entry));
        try {
            entries.sort((left, right) -> Operators.order(left.get(0), right.get(0)));
        } catch (PythonError ignored) {
            // Keys of several types: by the names of their types first.
            entries.sort(
                    (left, right) -> PythonValues.typeName(left.get(0)).compareTo(PythonValues.typeName(right.get(0))));
        }
        return entries;
    }

    private static void dictionary(StringBuilder out, Map<?, ?> map, int column, int allowance) {
        List<Tuple> entries = entries(map);
        out.append('{');
        for (int i = 0; i < entries.size(); i++) {
            String key = PythonValues.repr(entries.get(i).get(0)) + ": ";
            boolean last = i == entries.size() - 1;
            out.append(key);
            append(out, entries.get(i).get(1), column + 1 + CodePoints.length(key), last ? allowance + 1 : 1);
            out.append(last ? "}" : ",\n" + " ".repeat(column + 1));
        }
    }

    private static void sequence(
            StringBuilder out, List<?> items, String open, String close, int column, int allowance) {
        out.append(open);
        for (int i = 0; i < items.size(); i++) {
            boolean last = i == items.size() - 1;
            append(out, PythonValues.fromHost(items.get(i)), column + 1, last ? allowance + close.length() : 1);
            out.append(last ? close : ",\n" + " ".repeat(column + 1));
        }
    }
}

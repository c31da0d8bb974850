package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Python's {@code json.dumps}. */
public final class JsonText {

    private static final int MAX_DEPTH = 500;

    private final StringBuilder out = new StringBuilder();
    private final int indent;
    private final boolean sorted;

    private JsonText(int indent, boolean sorted) {
        this.indent = indent;
        this.sorted = sorted;
    }

    /** {@code json.dumps(value)}: dictionaries in their order. @throws PythonError if a value has no JSON form */
    public static String inOrder(Object value) {
        JsonText json = new JsonText(-1, false);
        json.append(value, 0);
        return json.out.toString();
    }

    /** {@code json.dumps(value, sort_keys=True)}. @throws PythonError if a value has no JSON form */
    public static String sorted(Object value) {
        JsonText json = new JsonText(-1, true);
        json.append(value, 0);
        return json.out.toString();
    }

    /** The filter {@code tojson}: sorted, and without characters that HTML would read. */
    static String forHtml(Object value, int indent) {
        JsonText json = new JsonText(indent, true);
        json.append(value, 0);
        return json.out
                .toString()
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("'", "\\u0027");
    }

    private void append(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new PythonError("a value is nested too deeply for JSON, or contains itself");
        }
        if (value instanceof String text) {
            quote(text);
        } else if (value instanceof Boolean || value == None.NONE) {
            out.append(value == None.NONE ? "null" : value);
        } else if (value instanceof Double number) {
            out.append(
                    number.isNaN()
                            ? "NaN"
                            : number.isInfinite() ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.text(number));
        } else if (Numbers.isInteger(value)) {
            out.append(value);
        } else if (value instanceof List<?> list) {
            array(list, depth);
        } else if (value instanceof Tuple tuple) {
            array(tuple.items(), depth);
        } else if (value instanceof GroupTuple group) {
            array(PythonValues.list(group), depth);
        } else if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else {
            PythonValues.requireDefined(value);
            throw new PythonError("Object of type " + PythonValues.typeName(value) + " is not JSON serializable");
        }
    }

    private void array(List<?> items, int depth) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            separate(i, depth + 1);
            append(PythonValues.fromHost(items.get(i)), depth + 1);
        }
        close(items.isEmpty(), depth, ']');
    }

    private void object(Map<?, ?> map, int depth) {
        List<Map.Entry<Object, Object>> entries = new ArrayList<>();
        map.forEach((key, value) -> entries.add(Map.entry(PythonValues.fromHost(key), PythonValues.fromHost(value))));
        if (sorted) {
            Collections.sort(entries, Comparator.comparing(Map.Entry::getKey, Operators::order));
        }
        out.append('{');
        for (int i = 0; i < entries.size(); i++) {
            separate(i, depth + 1);
            quote(key(entries.get(i).getKey()));
            out.append(": ");
            append(entries.get(i).getValue(), depth + 1);
        }
        close(entries.isEmpty(), depth, '}');
    }

    private static String key(Object key) {
        if (key instanceof String text) {
            return text;
        }
        if (key instanceof Boolean || key == None.NONE) {
            return key == None.NONE ? "null" : key.toString();
        }
        if (key instanceof Number) {
            return PythonValues.text(key);
        }
        throw new PythonError("keys must be str, int, float, bool or None, not " + PythonValues.typeName(key));
    }

    private void separate(int index, int depth) {
        if (index > 0) {
            out.append(indent < 0 ? ", " : ",");
        }
        if (indent >= 0) {
            out.append('\n').append(" ".repeat(indent * depth));
        }
    }

    private void close(boolean empty, int depth, char bracket) {
        if (indent >= 0 && !empty) {
            out.append('\n').append(" ".repeat(indent * depth));
        }
        out.append(bracket);
    }

    private void quote(String text) {
        out.append('"');
        text.chars().forEach(character -> {
            switch (character) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (character < 32 || character > 126) {
                        out.append("\\u%04x".formatted(character));
                    } else {
                        out.append((char) character);
                    }
                }
            }
        });
        out.append('"');
    }
}

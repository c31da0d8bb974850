package dev.freshet.transform.project.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Tuple;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON as Python's {@code json} module writes and reads it by default. */
final class Json {

    private static final ObjectMapper READER =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /** @throws PythonError when a value has no JSON form */
    static String write(Object value, KeyOrder order) {
        StringBuilder text = new StringBuilder();
        append(text, value, order);
        return text.toString();
    }

    /** The order of a dictionary's keys. */
    enum KeyOrder {
        AS_INSERTED,
        SORTED
    }

    /** @throws PythonError when the text is not JSON */
    static @Nullable Object read(String text) {
        try {
            return READER.readValue(text, Object.class);
        } catch (JsonProcessingException e) {
            throw new PythonError("this is not JSON: " + e.getOriginalMessage());
        }
    }

    private static void append(StringBuilder text, @Nullable Object value, KeyOrder order) {
        if (value == null || value == None.NONE) {
            text.append("null");
        } else if (value instanceof String string) {
            quote(text, string);
        } else if (value instanceof Boolean) {
            text.append(value);
        } else if (value instanceof Number) {
            text.append(PythonValues.repr(value));
        } else if (value instanceof Map<?, ?> map) {
            appendMap(text, map, order);
        } else if (value instanceof List<?> || value instanceof Tuple) {
            text.append('[');
            Iterator<?> items = ((Iterable<?>) value).iterator();
            while (items.hasNext()) {
                append(text, items.next(), order);
                text.append(items.hasNext() ? ", " : "");
            }
            text.append(']');
        } else {
            throw new PythonError("Object of type " + value.getClass().getSimpleName() + " is not JSON serializable");
        }
    }

    private static void appendMap(StringBuilder text, Map<?, ?> map, KeyOrder order) {
        Map<?, ?> ordered = map;
        if (order == KeyOrder.SORTED) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(key(key), item == null ? None.NONE : item));
            ordered = sorted;
        }
        text.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = ordered.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            quote(text, key(entry.getKey()));
            text.append(": ");
            append(text, entry.getValue(), order);
            text.append(entries.hasNext() ? ", " : "");
        }
        text.append('}');
    }

    private static String key(@Nullable Object key) {
        return key == null || key == None.NONE ? "null" : key instanceof Boolean flag ? flag.toString() : String.valueOf(key);
    }

    private static void quote(StringBuilder text, String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < 0x20 || c > 0x7e) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}

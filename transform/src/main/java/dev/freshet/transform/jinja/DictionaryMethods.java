package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods of dict, and its constructor. */
final class DictionaryMethods {

    static final Methods.Table<Map<Object, Object>> TABLE = new Methods.Table<Map<Object, Object>>()
            .add("get", "key, default=None", (map, arguments) -> {
                Object value = Keys.get(map, arguments.value(0));
                return value != null ? value : arguments.value(1);
            })
            .add("items", "", (map, arguments) -> new DictionaryView(map, DictionaryView.Part.ITEMS))
            .add("keys", "", (map, arguments) -> new DictionaryView(map, DictionaryView.Part.KEYS))
            .add("values", "", (map, arguments) -> new DictionaryView(map, DictionaryView.Part.VALUES))
            .add("update", "*others, **entries", (map, arguments) -> {
                fill(map, "update", arguments.rest(), arguments.keywords());
                return None.NONE;
            })
            .add("pop", "key, *default", (map, arguments) -> {
                Object value = Keys.remove(map, arguments.value(0));
                if (value != null) {
                    return value;
                }
                if (arguments.rest().isEmpty()) {
                    throw new PythonError("pop(): the dictionary has no key " + PythonValues.repr(arguments.value(0)));
                }
                return arguments.rest().get(0);
            })
            .add("popitem", "", (map, arguments) -> {
                if (map.isEmpty()) {
                    throw new PythonError("popitem(): dictionary is empty");
                }
                Object last = null;
                for (Object key : map.keySet()) {
                    last = key;
                }
                Object key = PythonValues.fromHost(last);
                Object value = PythonValues.fromHost(map.remove(last));
                return Tuple.of(key, value);
            })
            .add("setdefault", "key, default=None", (map, arguments) -> {
                Object value = Keys.get(map, arguments.value(0));
                if (value != null) {
                    return value;
                }
                Keys.put(map, arguments.value(0), arguments.value(1));
                return arguments.value(1);
            })
            .add("clear", "", (map, arguments) -> {
                map.clear();
                return None.NONE;
            })
            .add("copy", "", (map, arguments) -> new LinkedHashMap<>(map))
            .add("fromkeys", "keys, value=None", (map, arguments) -> {
                Map<Object, Object> made = new LinkedHashMap<>();
                PythonValues.iterator(arguments.value(0))
                        .forEachRemaining(key -> Keys.put(made, key, arguments.value(1)));
                return made;
            });

    private DictionaryMethods() {}

    /** {@code dict(source, **entries)}: the source is a mapping or pairs. */
    static Map<Object, Object> dictionary(String function, List<Object> sources, Map<String, Object> entries) {
        Map<Object, Object> map = new LinkedHashMap<>();
        fill(map, function, sources, entries);
        return map;
    }

    private static void fill(
            Map<Object, Object> map, String function, List<Object> sources, Map<String, Object> entries) {
        if (sources.size() > 1) {
            throw new PythonError(function + "() takes at most 1 positional argument (" + sources.size() + " given)");
        }
        for (Object source : sources) {
            PythonValues.requireDefined(source);
            if (source instanceof Map<?, ?> other) {
                other.forEach((key, value) -> Keys.put(map, PythonValues.fromHost(key), PythonValues.fromHost(value)));
            } else {
                PythonValues.iterator(source).forEachRemaining(pair -> putPair(map, function, pair));
            }
        }
        entries.forEach((key, value) -> Keys.put(map, key, value));
    }

    private static void putPair(Map<Object, Object> map, String function, Object pair) {
        if (PythonValues.isIterable(pair)) {
            Iterator<Object> parts = PythonValues.iterator(pair);
            if (parts.hasNext()) {
                Object key = parts.next();
                if (parts.hasNext()) {
                    Object value = parts.next();
                    if (!parts.hasNext()) {
                        Keys.put(map, key, value);
                        return;
                    }
                }
            }
        }
        throw new PythonError(function + "() takes a dictionary or pairs, not " + PythonValues.repr(pair));
    }
}

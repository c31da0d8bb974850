package dev.freshet.transform.jinja;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Dictionary keys and set members as Python compares them: 1, 1.0 and True are one key. */
final class Keys {

    private Keys() {}

    static Object hashable(Object key) {
        if (key instanceof List || key instanceof Map || key instanceof Set) {
            throw new PythonError("unhashable type: '" + PythonValues.typeName(key) + "'");
        }
        return key;
    }

    static Optional<Object> findNumber(Collection<?> keys, @Nullable Object wanted) {
        if (wanted == null || !Numbers.isNumber(wanted)) {
            return Optional.empty();
        }
        for (Object key : keys) {
            if (key != null && Numbers.isNumber(key) && Numbers.compare(key, wanted) == 0) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    static boolean contains(Map<?, ?> map, Object key) {
        return map.containsKey(hashable(key)) || findNumber(map.keySet(), key).isPresent();
    }

    /** Null when the map has no such key. */
    static @Nullable Object get(Map<?, ?> map, Object key) {
        hashable(key);
        if (map.containsKey(key)) {
            return PythonValues.fromHost(map.get(key));
        }
        return findNumber(map.keySet(), key)
                .map(found -> PythonValues.fromHost(map.get(found)))
                .orElse(null);
    }

    static void put(Map<Object, Object> map, Object key, Object value) {
        hashable(key);
        map.put(map.containsKey(key) ? key : findNumber(map.keySet(), key).orElse(key), value);
    }

    static @Nullable Object remove(Map<?, ?> map, Object key) {
        Object found = map.containsKey(hashable(key))
                ? key
                : findNumber(map.keySet(), key).orElse(key);
        return map.containsKey(found) ? PythonValues.fromHost(map.remove(found)) : null;
    }
}

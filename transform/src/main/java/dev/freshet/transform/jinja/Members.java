package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code object.name}, which falls back to the item, and {@code object[key]}, which falls back to the attribute. */
final class Members {

    private Members() {}

    static Object attribute(Object object, String name, UndefinedPolicy policy) {
        Object found = ownAttribute(object, name);
        if (found == null) {
            found = ownItem(object, name);
        }
        return found != null ? found : missing(object, name, policy);
    }

    static Object item(Object object, Object key, UndefinedPolicy policy) {
        Object found = ownItem(object, key);
        if (found == null && key instanceof String name) {
            found = ownAttribute(object, name);
        }
        return found != null ? found : missing(object, key, policy);
    }

    static Object missing(Object object, Object key, UndefinedPolicy policy) {
        if (object instanceof Undefined undefined) {
            if (policy == UndefinedPolicy.CAPTURE) {
                return key instanceof String name ? Undefined.named(name) : undefined;
            }
            throw new UndefinedError(undefined);
        }
        return Undefined.memberOf(object, key);
    }

    /** Null when there is none. */
    static @Nullable Object ownAttribute(Object object, String name) {
        if (object instanceof JinjaObject host) {
            Object value = PythonValues.fromHost(host.attribute(name));
            return value == Undefined.UNDEFINED ? null : value;
        }
        return Methods.find(object, name);
    }

    private static @Nullable Object ownItem(Object object, Object key) {
        if (object instanceof Map<?, ?> map) {
            return key instanceof List || key instanceof Map ? null : Keys.get(map, key);
        }
        if (object instanceof JinjaObject host) {
            Object value = PythonValues.fromHost(host.item(key));
            return value == Undefined.UNDEFINED ? null : value;
        }
        if (!Numbers.isInteger(key)) {
            return null;
        }
        int index = Numbers.toIndex(key);
        if (object instanceof List<?> list) {
            int at = index < 0 ? index + list.size() : index;
            return at >= 0 && at < list.size() ? PythonValues.fromHost(list.get(at)) : null;
        }
        if (object instanceof Tuple tuple) {
            int at = index < 0 ? index + tuple.size() : index;
            return at >= 0 && at < tuple.size() ? PythonValues.fromHost(tuple.get(at)) : null;
        }
        if (object instanceof String text) {
            int length = CodePoints.length(text);
            int at = index < 0 ? index + length : index;
            return at >= 0 && at < length ? CodePoints.at(text, at) : null;
        }
        if (object instanceof PythonRange range) {
            int at = index < 0 ? index + range.size() : index;
            return at >= 0 && at < range.size() ? (Object) range.get(at) : null;
        }
        return null;
    }

    /** The names a misspelt member is compared with. */
    static Set<String> names(Object object) {
        Set<String> names = new TreeSet<>();
        if (object instanceof JinjaObject host) {
            names.addAll(host.attributeNames());
        } else {
            names.addAll(Methods.names(object));
        }
        if (object instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> names.add(String.valueOf(key)));
        }
        return names;
    }
}

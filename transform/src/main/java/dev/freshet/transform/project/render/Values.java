package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonSet;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Template values as plain Java values: None is null, tuples and sets are lists. */
final class Values {

    private Values() {}

    static @Nullable Object plain(@Nullable Object value) {
        if (value == null || value == None.NONE || value instanceof Undefined) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return plainMap(map);
        }
        if (value instanceof Tuple || value instanceof List<?> || value instanceof PythonSet) {
            List<@Nullable Object> items = new ArrayList<>();
            ((Iterable<?>) value).forEach(item -> items.add(plain(item)));
            return items;
        }
        return value instanceof JinjaObject object ? object.text() : value;
    }

    static Map<String, @Nullable Object> plainMap(Map<?, ?> map) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        map.forEach((key, item) -> values.put(String.valueOf(key), plain(item)));
        return values;
    }
}

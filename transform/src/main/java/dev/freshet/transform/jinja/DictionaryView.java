package dev.freshet.transform.jinja;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.Map;

/** What {@code keys()}, {@code values()} and {@code items()} of a dictionary return: a live view with a length, without an index. */
final class DictionaryView extends AbstractCollection<Object> {

    enum Part {
        KEYS,
        VALUES,
        ITEMS;

        String typeName() {
            return "dict_" + name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Map<?, ?> map;
    private final Part part;

    DictionaryView(Map<?, ?> map, Part part) {
        this.map = map;
        this.part = part;
    }

    Part part() {
        return part;
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public Iterator<Object> iterator() {
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        int expected = map.size();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                requireSameSize();
                return entries.hasNext();
            }

            private void requireSameSize() {
                if (map.size() != expected) {
                    throw new PythonError("dictionary changed size during iteration");
                }
            }

            @Override
            public Object next() {
                requireSameSize();
                Map.Entry<?, ?> entry = entries.next();
                Object key = PythonValues.fromHost(entry.getKey());
                return switch (part) {
                    case KEYS -> key;
                    case VALUES -> PythonValues.fromHost(entry.getValue());
                    case ITEMS -> Tuple.of(key, PythonValues.fromHost(entry.getValue()));
                };
            }
        };
    }

    @Override
    public String toString() {
        return PythonValues.repr(this);
    }
}

package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Python's tuple. It is no {@link List}, so that lists can be told from tuples. */
public record Tuple(List<Object> items) implements Iterable<Object> {

    public Tuple {
        items = Collections.unmodifiableList(new ArrayList<>(items));
    }

    public static Tuple of(Object... items) {
        return new Tuple(List.of(items));
    }

    public Object get(int index) {
        return items.get(index);
    }

    public int size() {
        return items.size();
    }

    @Override
    public Iterator<Object> iterator() {
        return items.iterator();
    }

    @Override
    public String toString() {
        return PythonValues.repr(this);
    }
}

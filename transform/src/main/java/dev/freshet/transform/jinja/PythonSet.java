package dev.freshet.transform.jinja;

import java.util.Collection;
import java.util.LinkedHashSet;

/** Python's set, in insertion order so that rendering is repeatable. */
public final class PythonSet extends LinkedHashSet<Object> {

    public PythonSet() {}

    /** @throws PythonError if an item is a list, dictionary or set */
    public PythonSet(Collection<?> items) {
        items.forEach(item -> add(PythonValues.fromHost(item)));
    }

    @Override
    public boolean add(Object item) {
        return !contains(item) && super.add(Keys.hashable(item));
    }

    @Override
    public boolean contains(Object item) {
        return super.contains(item) || Keys.findNumber(this, item).isPresent();
    }

    @Override
    public boolean remove(Object item) {
        return super.remove(item)
                || Keys.findNumber(this, item).map(super::remove).orElse(false);
    }
}

package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.List;

/** A Python iterator or generator: it has no length, is always true, and can be consumed once. */
public final class PythonIterator implements Iterable<Object> {

    private final String description;
    private final Iterator<Object> items;

    /** @param description the type that error messages name, such as {@code generator} */
    public PythonIterator(String description, Iterator<Object> items) {
        this.description = description;
        this.items = items;
    }

    static PythonIterator generator(Iterator<Object> items) {
        return new PythonIterator("generator", items);
    }

    static PythonIterator generator(List<Object> items) {
        return generator(items.iterator());
    }

    String description() {
        return description;
    }

    @Override
    public Iterator<Object> iterator() {
        return items;
    }

    @Override
    public String toString() {
        return "<" + description + " object>";
    }
}

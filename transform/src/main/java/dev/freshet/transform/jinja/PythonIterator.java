package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A Python iterator or generator: it has no length, is always true, and can be consumed once. */
public final class PythonIterator implements Iterable<Object> {

    private final String description;
    private final Supplier<Iterator<Object>> source;
    private @Nullable Iterator<Object> items;

    /** @param description the type that error messages name, such as {@code generator} */
    public PythonIterator(String description, Iterator<Object> items) {
        this(description, () -> items);
    }

    private PythonIterator(String description, Supplier<Iterator<Object>> source) {
        this.description = description;
        this.source = source;
    }

    /** @param source is asked for the items when the first one is wanted, so that nothing happens, and nothing fails, before */
    static PythonIterator generator(Supplier<Iterator<Object>> source) {
        return new PythonIterator("generator", source);
    }

    String description() {
        return description;
    }

    @Override
    public Iterator<Object> iterator() {
        if (items == null) {
            items = source.get();
        }
        return items;
    }

    @Override
    public String toString() {
        return "<" + description + " object>";
    }
}

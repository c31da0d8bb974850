package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The items that pass, asked for one at a time. */
final class SelectingIterator implements Iterator<Object> {

    private final Iterator<Object> items;
    private final Predicate<Object> test;
    private @Nullable Object next;

    SelectingIterator(Iterator<Object> items, Predicate<Object> test) {
        this.items = items;
        this.test = test;
    }

    @Override
    public boolean hasNext() {
        while (next == null && items.hasNext()) {
            Object candidate = items.next();
            if (test.test(candidate)) {
                next = candidate;
            }
        }
        return next != null;
    }

    @Override
    public Object next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Object item = next;
        next = null;
        if (item == null) {
            throw new NoSuchElementException();
        }
        return item;
    }
}

package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's {@code sorted}: stable in both directions. */
final class Sorting {

    enum Direction {
        ASCENDING,
        DESCENDING
    }

    private record Keyed(Object key, Object item) {}

    private Sorting() {}

    static List<Object> sorted(Iterable<?> items, UnaryOperator<Object> key, Direction direction) {
        List<Keyed> keyed = new ArrayList<>();
        items.forEach(item -> {
            Object value = PythonValues.fromHost(item);
            keyed.add(new Keyed(key.apply(value), value));
        });
        Comparator<Keyed> order = (left, right) -> Operators.order(left.key(), right.key());
        keyed.sort(direction == Direction.DESCENDING ? order.reversed() : order);
        List<Object> sorted = new ArrayList<>(keyed.size());
        keyed.forEach(entry -> sorted.add(entry.item()));
        return sorted;
    }
}

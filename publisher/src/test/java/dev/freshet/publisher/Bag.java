package dev.freshet.publisher;

import dev.freshet.state.Row;
import java.util.LinkedHashMap;
import java.util.Map;

/** An immutable bag of rows: a large base and the changes since, so that a small change does not copy everything. */
record Bag(Map<Row, Long> base, Map<Row, Long> changes) {

    static Bag of(Iterable<Row> rows) {
        Map<Row, Long> counted = new LinkedHashMap<>();
        rows.forEach(row -> counted.merge(row, 1L, Long::sum));
        return new Bag(counted, Map.of());
    }

    Bag plus(Map<Row, Long> weights) {
        Map<Row, Long> merged = new LinkedHashMap<>(changes);
        weights.forEach((row, weight) -> merged.merge(row, weight, Long::sum));
        Bag changed = new Bag(base, merged);
        return merged.size() * 4 > base.size() ? new Bag(changed.counts(), Map.of()) : changed;
    }

    long count(Row row) {
        return base.getOrDefault(row, 0L) + changes.getOrDefault(row, 0L);
    }

    long size() {
        long size = 0;
        for (long count : base.values()) {
            size += count;
        }
        for (long weight : changes.values()) {
            size += weight;
        }
        return size;
    }

    /** Every row value with its number of copies. */
    Map<Row, Long> counts() {
        Map<Row, Long> counts = new LinkedHashMap<>(base);
        changes.forEach((row, weight) -> counts.merge(row, weight, Long::sum));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }
}

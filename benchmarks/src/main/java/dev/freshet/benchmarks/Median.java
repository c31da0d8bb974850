package dev.freshet.benchmarks;

import java.util.List;

/** The middle of what was measured: one slow round more or less does not move it. */
final class Median {

    private Median() {}

    /** 0 for nothing. */
    static double of(List<? extends Number> values) {
        List<Double> sorted = values.stream().map(Number::doubleValue).sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }

    static double millis(List<Long> nanos) {
        return of(nanos) / 1e6;
    }
}

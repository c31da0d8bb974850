package dev.freshet.deploy.demo;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the workload's connections do. Safe for all of them at once. */
final class WorkloadCounters {

    private final LongAdder transactions = new LongAdder();
    private final LongAdder rowChanges = new LongAdder();
    private final LongAdder markers = new LongAdder();
    private final LongAdder truncates = new LongAdder();
    private final AtomicLong largestTransaction = new AtomicLong();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder lostConnections = new LongAdder();

    void committed(int rows) {
        transactions.increment();
        rowChanges.add(rows);
        largestTransaction.accumulateAndGet(rows, Math::max);
    }

    void marker() {
        markers.increment();
    }

    void truncated() {
        truncates.increment();
    }

    void conflict() {
        conflicts.increment();
    }

    void lostConnection() {
        lostConnections.increment();
    }

    DemoWorkload.Counters read() {
        return new DemoWorkload.Counters(
                transactions.sum(),
                rowChanges.sum(),
                markers.sum(),
                truncates.sum(),
                largestTransaction.get(),
                conflicts.sum(),
                lostConnections.sum());
    }
}

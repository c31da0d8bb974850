package dev.freshet.benchmarks;

import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.Step;
import dev.freshet.deploy.pipeline.StepListener;
import dev.freshet.publisher.Delivery;
import dev.freshet.state.Cut;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Where a pipeline's time goes, by step. Heard on the pipeline's threads, read by another. */
final class StepTimes implements StepListener, PipelineListener {

    private final ThreadLocal<Long> previous = ThreadLocal.withInitial(System::nanoTime);
    private final ThreadLocal<Long> inCycle = ThreadLocal.withInitial(() -> 0L);
    private final Map<String, List<Double>> samples = new TreeMap<>();
    private final Consumer<String> notices;
    private long rows;

    StepTimes(Consumer<String> notices) {
        this.notices = notices;
    }

    @Override
    public void done(Step step, String subject) {
        long now = System.nanoTime();
        long took = now - previous.get();
        previous.set(now);
        switch (step) {
            // What lies before these two is waiting for work.
            case CAPTURED, RECONCILED -> {}
            case WRITTEN -> add("0 write " + subject, took / 1e6);
            case STAGED -> add("1 commit to staging " + subject, took / 1e6);
            case MAINTAINED -> {
                add("3 maintain", took / 1e6);
                inCycle.set(took);
            }
            case COMMITTED -> {
                add("4 commit", took / 1e6);
                inCycle.set(inCycle.get() + took);
            }
            case ACKNOWLEDGED, PUBLISHED -> {}
        }
    }

    @Override
    public void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {
        long counted = staged.stream().mapToLong(StagedBatch::rows).sum();
        add("2 reconcile", (took.toNanos() - inCycle.get()) / 1e6);
        inCycle.set(0L);
        add("5 whole cycle", took.toNanos() / 1e6);
        add("7 rows a cycle (not ms)", counted);
        synchronized (samples) {
            rows += counted;
        }
    }

    @Override
    public void delivered(Delivery delivery) {
        add("6 deliver to " + delivery.output(), delivery.duration().toNanos() / 1e6);
    }

    @Override
    public void notice(String message) {
        notices.accept(message);
    }

    private void add(String name, double value) {
        synchronized (samples) {
            samples.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
        }
    }

    /** Forgets the times, not the rows. */
    void restart() {
        synchronized (samples) {
            samples.clear();
        }
    }

    /** Rows that cycles have taken in since the start. */
    long rows() {
        synchronized (samples) {
            return rows;
        }
    }

    /** A line a step. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        synchronized (samples) {
            samples.forEach((name, values) -> {
                double[] sorted = values.stream()
                        .mapToDouble(Double::doubleValue)
                        .sorted()
                        .toArray();
                lines.add(String.format(
                        Locale.ROOT,
                        "%-24s %6d times  p50 %,8.0f  p99 %,8.0f  max %,8.0f",
                        name.substring(2),
                        sorted.length,
                        rank(sorted, 0.5),
                        rank(sorted, 0.99),
                        rank(sorted, 1)));
            });
        }
        return lines;
    }

    private static double rank(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}

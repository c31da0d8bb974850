package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance.Keys;
import java.time.Duration;
import java.util.Optional;

/**
 * What computing one model in full and by its affected rows took, and so which of the two to try next. A bad experience with affected rows fades with
 * every cycle that is computed in full because of it, so that one slow moment does not decide for ever.
 */
final class Efforts {

    /** Affected rows must promise to be this much cheaper. */
    private static final double WORTHWHILE = 0.8;

    /** The part of the cost that does not grow with the number of keys: a large backlog's cost must not stand for that of a few rows. */
    private static final double FIXED = 0.3;

    private static final double FADING = 0.9;
    private static final double NEWEST = 0.3;

    private double recomputeNanos;
    private double differentiateNanos;
    private long keys = 1;
    private long keysNow = 1;
    private Optional<PlannedModel.Done> last = Optional.empty();

    PlannedModel of(ModelPlan plan) {
        return new PlannedModel(plan, duration(recomputeNanos), duration(differentiateNanos), last);
    }

    private static Optional<Duration> duration(double nanos) {
        return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(Math.round(nanos)));
    }

    /** Before anything is computed. */
    boolean isWorthLooking(long changedRows, long storedRows) {
        return changedRows <= Math.max(1_000, storedRows / 2);
    }

    /** Once the number of keys is known. */
    boolean isWorthwhile(Keys staged) {
        keysNow = Math.max(1, staged.count());
        double expected = expected();
        return recomputeNanos == 0 || expected <= WORTHWHILE * recomputeNanos;
    }

    private double expected() {
        return differentiateNanos * (FIXED + (1 - FIXED) * keysNow / keys);
    }

    void declined() {
        differentiateNanos *= FADING;
    }

    void differentiated(long nanos) {
        last = Optional.of(
                new PlannedModel.Done(ModelPlan.DIFFERENTIATE, keysNow, duration(expected()), Duration.ofNanos(nanos)));
        differentiateNanos = differentiateNanos == 0 ? nanos : (1 - NEWEST) * differentiateNanos + NEWEST * nanos;
        keys = Math.round((1 - NEWEST) * keys + NEWEST * keysNow);
    }

    void recomputed(long nanos) {
        last = Optional.of(
                new PlannedModel.Done(ModelPlan.RECOMPUTE, 0, duration(recomputeNanos), Duration.ofNanos(nanos)));
        recomputeNanos = recomputeNanos == 0 ? nanos : (1 - NEWEST) * recomputeNanos + NEWEST * nanos;
    }
}

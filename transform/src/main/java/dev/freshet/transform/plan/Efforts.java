package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance.Keys;

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

    /** Before anything is computed. */
    boolean isWorthLooking(long changedRows, long storedRows) {
        return changedRows <= Math.max(1_000, storedRows / 2);
    }

    /** Once the number of keys is known. */
    boolean isWorthwhile(Keys staged) {
        keysNow = Math.max(1, staged.count());
        double expected = differentiateNanos * (FIXED + (1 - FIXED) * keysNow / keys);
        return recomputeNanos == 0 || expected <= WORTHWHILE * recomputeNanos;
    }

    void declined() {
        differentiateNanos *= FADING;
    }

    void differentiated(long nanos) {
        differentiateNanos = differentiateNanos == 0 ? nanos : (1 - NEWEST) * differentiateNanos + NEWEST * nanos;
        keys = Math.round((1 - NEWEST) * keys + NEWEST * keysNow);
    }

    void recomputed(long nanos) {
        recomputeNanos = recomputeNanos == 0 ? nanos : (1 - NEWEST) * recomputeNanos + NEWEST * nanos;
    }
}

package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance.Keys;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What computing one model in full and by its affected rows took, and so which of the two to try next.
 *
 * <p>Costs of affected rows are kept by the magnitude of the number of keys, so that a large backlog does not speak for a few rows. A
 * magnitude that lost is tried again after as many declined cycles as it lost before, doubled each time: one slow moment does not decide for
 * long, and a model that is dearer by its affected rows is not tried for ever. Nor is it as long as trying would have cost more than a tenth of what
 * computing all rows costs: that is the most that not knowing may cost in the long run. Finding the keys just to see that they are too many is held to the same.
 *
 * <p>What is expected of a magnitude that was never tried is a guess, and a hopeful one: a wrong try is made once, while a cycle too many of computing all rows
 * lets changes gather, and so makes for more keys in the next. So it is tried unless it promises to be much dearer, and then after as many declined cycles as it
 * promises to be dearer.
 */
final class Efforts {

    /** Affected rows must promise to be this much cheaper. */
    private static final double WORTHWHILE = 0.8;

    /** A guess may promise this. */
    private static final double WORTH_A_TRY = 3;

    /** From then on they may cost this: giving up what is kept for them, and making it again, costs more than a near tie. */
    private static final double STAYING = 0.95;

    /** How many times as much as in the computation of all rows each further key takes, supposedly. */
    private static final double DEARER = 8;

    /** How fast old timings fade. */
    private static final double NEWEST = 0.3;

    /** The same of one that was faster: what made an earlier one slow, as everything does that happens for the first time, is over. */
    private static final double NEWEST_FASTER = 0.7;

    private static final int MOST_DOUBLINGS = 6;

    /** How much of the cost of all rows may be spent in vain, half of it on trying and half on looking. */
    private static final double IN_VAIN = 0.05;

    private static final double MOST_CYCLES_WITHOUT_LOOKING = 1_000;

    /** What is known of one magnitude of keys. */
    private static final class Tried {
        private double keys;
        private double nanos;
        private int lost;
        private int declined;
        /** What was spent beyond the cost of all rows, less what may be: above 0 no more may be. */
        private double wasted;
        /** What the next time needs was made for it. */
        private boolean trying;

        boolean isMeasured() {
            return nanos > 0;
        }

        boolean isDueAgain() {
            return trying || declined >= 1 << Math.min(lost, MOST_DOUBLINGS) && wasted <= 0;
        }

        void spent(double spent, double full) {
            wasted = Math.max(0, wasted + spent - full) - IN_VAIN * full;
        }
    }

    private final TreeMap<Integer, Tried> tried = new TreeMap<>();
    private double recomputeNanos;
    private long recomputedRows;
    private long rowsNow;
    private long rowsRead;
    private long keysNow = 1;
    private long rowsChanged;
    private long rowsLookedAtInVain;
    private double cyclesWithoutLooking;
    private Optional<PlannedModel.Done> last = Optional.empty();

    PlannedModel of(ModelPlan plan) {
        return new PlannedModel(
                plan,
                duration(recomputeNanos),
                Optional.ofNullable(tried.get(magnitude())).flatMap(known -> duration(known.nanos)),
                last,
                Optional.empty());
    }

    private static Optional<Duration> duration(double nanos) {
        return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(Math.round(nanos)));
    }

    /**
     * Before anything is computed.
     *
     * @param storedRows of the model
     * @param readRows of the tables that it reads
     */
    boolean isWorthLooking(long changedRows, long storedRows, long readRows) {
        rowsNow = storedRows;
        rowsRead = readRows;
        rowsChanged = changedRows;
        if (cyclesWithoutLooking >= 1 && changedRows >= rowsLookedAtInVain / 4) {
            cyclesWithoutLooking--;
            return false;
        }
        return changedRows <= Math.max(1_000, storedRows / 2);
    }

    /** Once the number of keys is known. */
    boolean isWorthwhile(Keys staged) {
        keysNow = Math.max(1, staged.count());
        Tried known = tried.get(magnitude());
        boolean following = known != null && known.isMeasured() && known.declined == 0;
        if (recomputeNanos == 0 || affected() <= (following ? STAYING : WORTHWHILE) * full()) {
            return true;
        }
        if (known != null && known.isMeasured()) {
            return known.isDueAgain();
        }
        return affected() <= Math.max(WORTH_A_TRY, known == null ? 0 : known.declined) * full();
    }

    /** The full computation's cost grows with the model. */
    private double full() {
        return recomputeNanos * Math.max(1, (double) rowsNow / Math.max(1, recomputedRows));
    }

    /** From the same magnitude, else from the nearest: most of the cost is fixed, so more keys cost less than their number says. */
    private double affected() {
        Tried same = tried.get(magnitude());
        if (same != null && same.isMeasured()) {
            return same.nanos;
        }
        Optional<Tried> fewer = nearest(tried.headMap(magnitude(), false).descendingMap());
        if (fewer.isPresent()) {
            double further = (keysNow - fewer.get().keys) / Math.max(1, Math.max(rowsNow, rowsRead));
            return Math.min(
                    fewer.get().nanos * Math.sqrt(keysNow / fewer.get().keys),
                    fewer.get().nanos + DEARER * further * full());
        }
        return nearest(tried.tailMap(magnitude(), false))
                .map(more -> more.nanos * keysNow / more.keys)
                .orElse(0.0);
    }

    private static Optional<Tried> nearest(Map<Integer, Tried> inOrder) {
        return inOrder.values().stream().filter(Tried::isMeasured).findFirst();
    }

    /** Powers of four. */
    private int magnitude() {
        return (Long.SIZE - Long.numberOfLeadingZeros(keysNow)) / 2;
    }

    /** @param lookingNanos what it took to find out that all rows should be computed */
    void declined(long lookingNanos) {
        Tried known = tried.computeIfAbsent(magnitude(), magnitude -> new Tried());
        known.declined++;
        if (known.isMeasured()) {
            known.spent(full(), full());
        }
        if (recomputeNanos > 0) {
            rowsLookedAtInVain = rowsChanged;
            cyclesWithoutLooking = Math.min(
                    MOST_CYCLES_WITHOUT_LOOKING,
                    Math.max(0, cyclesWithoutLooking) + lookingNanos / (IN_VAIN * full()) - 1);
        }
    }

    /** What affected rows are added to was made first: that says nothing about the next time. */
    void prepared(long nanos) {
        last = Optional.of(
                new PlannedModel.Done(ModelPlan.DIFFERENTIATE, keysNow, Optional.empty(), Duration.ofNanos(nanos)));
        Tried known = tried.get(magnitude());
        if (known != null && known.lost > 0) {
            known.spent(nanos, full());
            known.trying = true;
        }
    }

    void differentiated(long nanos) {
        last = Optional.of(
                new PlannedModel.Done(ModelPlan.DIFFERENTIATE, keysNow, duration(affected()), Duration.ofNanos(nanos)));
        Tried known = tried.computeIfAbsent(magnitude(), magnitude -> new Tried());
        double weight = known.nanos == 0 ? 1 : nanos < known.nanos ? NEWEST_FASTER : NEWEST;
        known.nanos = (1 - weight) * known.nanos + weight * nanos;
        known.keys = (1 - weight) * known.keys + weight * keysNow;
        known.declined = 0;
        known.trying = false;
        // One slow moment is let pass.
        known.spent(known.lost > 0 ? nanos : Math.min(nanos, full()), full());
        known.lost = nanos <= STAYING * full() ? 0 : known.lost + 1;
    }

    void recomputed(long nanos, long rows) {
        last = Optional.of(
                new PlannedModel.Done(ModelPlan.RECOMPUTE, 0, duration(recomputeNanos), Duration.ofNanos(nanos)));
        recomputeNanos = recomputeNanos == 0 ? nanos : (1 - NEWEST) * recomputeNanos + NEWEST * nanos;
        recomputedRows = rows;
    }
}

package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EffortsTest {

    private static final long FULL = 200_000_000;

    private final Efforts efforts = new Efforts();

    @Test
    void affectedRowsAreTriedFirst() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(1_000))).isTrue();
    }

    @Test
    void aBacklogThatWasDearDoesNotSpeakAgainstFewKeys() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(50_000))).isTrue();
        for (int cycle = 0; cycle < 20; cycle++) {
            efforts.differentiated(2 * FULL);
        }
        assertThat(efforts.isWorthwhile(keys(50_000))).isFalse();
        assertThat(efforts.isWorthwhile(keys(500))).isTrue();
    }

    @Test
    void whatIsDearForFewKeysIsNotTriedForMany() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        for (int cycle = 0; cycle < 20; cycle++) {
            efforts.differentiated(FULL / 4);
        }
        assertThat(efforts.isWorthLooking(50_000, 100_000, 0)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        assertThat(efforts.isWorthwhile(keys(50_000))).isFalse();
    }

    /** What the first cycle took, of a few rows and with nothing prepared, says next to nothing of each of its rows. */
    @Test
    void afterAFewKeysManyAreTriedAtOnce() {
        efforts.recomputed(FULL, 200_000);
        assertThat(efforts.isWorthLooking(2, 200_000, 1_000_000)).isTrue();
        assertThat(efforts.isWorthwhile(keys(2))).isTrue();
        efforts.differentiated(FULL / 3);
        assertThat(efforts.isWorthwhile(keys(1_200))).isTrue();
        assertThat(efforts.isWorthwhile(keys(20_000))).isTrue();
        assertThat(efforts.isWorthwhile(keys(400_000))).isFalse();
    }

    /** Tables are made and statements planned for the first time. */
    @Test
    void aSlowFirstTimeIsForgottenWithTheSecond() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(3 * FULL / 2);
        int declined = 0;
        while (!efforts.isWorthwhile(keys(100))) {
            efforts.declined(0);
            declined++;
        }
        assertThat(declined).isEqualTo(2);
        efforts.differentiated(FULL / 4);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
    }

    /** A group of what is read is a row: of few groups none may be taken for a large part of the work. */
    @Test
    void rowsReadCountWhereAModelHasFew() {
        efforts.recomputed(FULL, 700);
        assertThat(efforts.isWorthLooking(2, 700, 1_000_000)).isTrue();
        assertThat(efforts.isWorthwhile(keys(2))).isTrue();
        efforts.differentiated(FULL / 3);
        assertThat(efforts.isWorthwhile(keys(2_000))).isTrue();
    }

    /** A first cycle that was slow must not have a service compute all rows, fall behind by it, and so have many keys in each cycle that follows. */
    @Test
    void manyKeysAreMeasuredBeforeTheyAreGivenUp() {
        efforts.recomputed(FULL, 1_000_000);
        assertThat(efforts.isWorthLooking(100, 1_000_000, 0)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(8 * FULL);
        int declined = 0;
        while (declined < 100 && !efforts.isWorthwhile(keys(100_000))) {
            efforts.declined(FULL / 1_000);
            efforts.recomputed(FULL, 1_000_000);
            declined++;
        }
        assertThat(declined).isEqualTo(9);
        efforts.differentiated(FULL / 4);
        assertThat(efforts.isWorthwhile(keys(100_000))).isTrue();
    }

    /** Not knowing would cost more: the keys are looked for in any case. */
    @Test
    void whatPromisesToBeALittleDearerIsTriedOnce() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthLooking(100, 100_000, 0)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(2 * FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isFalse();
        assertThat(efforts.isWorthwhile(keys(1_000))).isTrue();
        efforts.differentiated(2 * FULL);
        assertThat(efforts.isWorthwhile(keys(1_000))).isFalse();
    }

    /** What was kept for it would be given up and made again with every moment that is a little slower than the last. */
    @Test
    void aNearTieIsNotChangedBackAndForth() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(FULL / 2);
        for (int cycle = 0; cycle < 50; cycle++) {
            assertThat(efforts.isWorthwhile(keys(100))).isTrue();
            efforts.differentiated(FULL * (cycle % 2 == 0 ? 93 : 85) / 100);
        }
        // Having given it up, it takes more than that to begin again.
        efforts.differentiated(3 * FULL);
        int declined = 0;
        while (!efforts.isWorthwhile(keys(100))) {
            efforts.declined(0);
            declined++;
        }
        assertThat(declined).isGreaterThan(1);
    }

    /** A first load's backlog takes many times what computing all rows takes. */
    @Test
    void theFirstBacklogDecidesNothing() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(50_000))).isTrue();
        efforts.differentiated(10 * FULL);
        assertThat(efforts.isWorthwhile(keys(1_000))).isTrue();
    }

    @Test
    void makingTotalsSaysNothingOfAddingToThem() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.prepared(10 * FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
    }

    @Test
    void whatLostIsTriedAgainLessAndLessOften() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        List<Integer> waits = new ArrayList<>();
        for (int attempt = 0; attempt < 9; attempt++) {
            efforts.differentiated(4 * FULL);
            int declined = 0;
            while (!efforts.isWorthwhile(keys(100))) {
                efforts.declined(0);
                declined++;
            }
            waits.add(declined);
        }
        assertThat(waits).containsExactly(2, 58, 59, 59, 59, 64, 64, 64, 64);
    }

    @Test
    void oneSlowMomentIsSoonForgotten() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(4 * FULL);
        int declined = 0;
        for (int cycle = 0; cycle < 100; cycle++) {
            if (efforts.isWorthwhile(keys(100))) {
                efforts.differentiated(FULL / 10);
            } else {
                efforts.declined(0);
                declined++;
            }
        }
        assertThat(declined).isLessThan(20);
    }

    @Test
    void allRowsCostMoreOnceTheModelHasGrown() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthLooking(10, 100_000, 0)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isFalse();
        assertThat(efforts.isWorthLooking(10, 1_000_000, 0)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
    }

    /**
     * Whatever affected rows and looking for them cost, all that is done costs at most a tenth more than computing all rows each time. Counted by a made-up cost
     * of each, not by the clock.
     */
    @ParameterizedTest
    @CsvSource({
        // affected rows of few and of many keys, and finding the keys, each as a part of what all rows cost
        "0.1, 0.5, 0.05",
        "0.1, 8, 0.05",
        "1.5, 1.5, 0.2",
        "3, 3, 0",
        "4, 8, 0.5",
        "0.7, 1.2, 0.4",
        "8, 8, 3"
    })
    void neverCostsAnythingLikeMoreThanAllRows(double few, double many, double looking) {
        Random random = new Random(4711);
        double spent = 0;
        int cycles = 1_000;
        efforts.recomputed(FULL, 100_000);
        for (int cycle = 0; cycle < cycles; cycle++) {
            long count = random.nextInt(5) == 0 ? 20_000 + random.nextInt(5_000) : 50 + random.nextInt(200);
            if (!efforts.isWorthLooking(count, 100_000, 0)) {
                spent += 1;
                efforts.recomputed(FULL, 100_000);
                continue;
            }
            double affected = (count > 10_000 ? many : few) * (0.8 + 0.4 * random.nextDouble());
            spent += looking;
            if (efforts.isWorthwhile(keys(count))) {
                spent += affected;
                efforts.differentiated(Math.round((looking + affected) * FULL));
            } else {
                spent += 1;
                efforts.declined(Math.round(looking * FULL));
                efforts.recomputed(FULL, 100_000);
            }
        }
        assertThat(spent / cycles).isLessThan(1.1);
        if (few < 0.2) {
            assertThat(spent / cycles).isLessThan(0.6);
        }
    }

    private static Keys keys(long count) {
        return new Keys(count, false);
    }
}

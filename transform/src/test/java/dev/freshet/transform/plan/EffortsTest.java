package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance.Keys;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        assertThat(efforts.isWorthwhile(keys(4_000))).isFalse();
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
                efforts.declined();
                declined++;
            }
            waits.add(declined);
        }
        assertThat(waits).containsExactly(2, 4, 8, 16, 32, 64, 64, 64, 64);
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
                efforts.declined();
                declined++;
            }
        }
        assertThat(declined).isLessThan(20);
    }

    @Test
    void allRowsCostMoreOnceTheModelHasGrown() {
        efforts.recomputed(FULL, 100_000);
        assertThat(efforts.isWorthLooking(10, 100_000)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isFalse();
        assertThat(efforts.isWorthLooking(10, 1_000_000)).isTrue();
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
    }

    private static Keys keys(long count) {
        return new Keys(count, false);
    }
}

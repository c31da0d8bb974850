package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance.Keys;
import org.junit.jupiter.api.Test;

class EffortsTest {

    private static final long FULL = 200_000_000;

    private final Efforts efforts = new Efforts();

    @Test
    void affectedRowsAreTriedFirst() {
        efforts.recomputed(FULL);
        assertThat(efforts.isWorthwhile(keys(1_000))).isTrue();
    }

    @Test
    void aBacklogThatWasDearDoesNotSpeakAgainstFewKeys() {
        efforts.recomputed(FULL);
        assertThat(efforts.isWorthwhile(keys(50_000))).isTrue();
        for (int cycle = 0; cycle < 20; cycle++) {
            efforts.differentiated(2 * FULL);
        }
        assertThat(efforts.isWorthwhile(keys(50_000))).isFalse();
        assertThat(efforts.isWorthwhile(keys(500))).isTrue();
    }

    @Test
    void whatIsDearForFewKeysIsNotTriedForMany() {
        efforts.recomputed(FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        for (int cycle = 0; cycle < 20; cycle++) {
            efforts.differentiated(FULL / 4);
        }
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        assertThat(efforts.isWorthwhile(keys(1_000))).isFalse();
    }

    @Test
    void aBadExperienceFades() {
        efforts.recomputed(FULL);
        assertThat(efforts.isWorthwhile(keys(100))).isTrue();
        efforts.differentiated(4 * FULL);
        int declined = 0;
        while (!efforts.isWorthwhile(keys(100))) {
            efforts.declined();
            declined++;
        }
        assertThat(declined).isBetween(5, 30);
    }

    private static Keys keys(long count) {
        return new Keys(count, false);
    }
}

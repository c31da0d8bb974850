package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StagingPaceTest {

    private final StagingPace pace = new StagingPace(Duration.ofMillis(100));

    @Test
    void quickCyclesAreStagedForAtTheConfiguredInterval() {
        assertThat(pace.interval()).isEqualTo(Duration.ofMillis(100));
        pace.cycled(Duration.ofMillis(150));
        assertThat(pace.interval()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void slowCyclesAreStagedForTwiceEach() {
        for (int i = 0; i < 20; i++) {
            pace.cycled(Duration.ofMillis(800));
        }
        assertThat(pace.interval()).isBetween(Duration.ofMillis(399), Duration.ofMillis(400));
    }

    @Test
    void aLongCycleNeverDelaysStagingBeyondASecond() {
        pace.cycled(Duration.ofMinutes(10));
        assertThat(pace.interval()).isEqualTo(Duration.ofSeconds(1));
        for (int i = 0; i < 20; i++) {
            pace.cycled(Duration.ofMillis(50));
        }
        assertThat(pace.interval()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void aLongerConfiguredIntervalStays() {
        StagingPace slow = new StagingPace(Duration.ofSeconds(30));
        slow.cycled(Duration.ofMinutes(10));
        assertThat(slow.interval()).isEqualTo(Duration.ofSeconds(30));
    }
}

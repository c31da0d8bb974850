package dev.freshet.deploy.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowingPauseTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @Test
    void itDoublesUpToAMinute() {
        List<Long> seconds = new ArrayList<>();
        GrowingPause pause = GrowingPause.first(NOW);
        for (int i = 0; i < 8; i++) {
            seconds.add(pause.length().toSeconds());
            pause = pause.next(NOW);
        }
        assertThat(seconds).containsExactly(2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void itIsOverAtItsEndAndNotBefore() {
        GrowingPause pause = GrowingPause.first(NOW.minusSeconds(60)).next(NOW);
        assertThat(pause.isOver(NOW.plus(Duration.ofMillis(3999)))).isFalse();
        assertThat(pause.isOver(NOW.plusSeconds(4))).isTrue();
    }
}

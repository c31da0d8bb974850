package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.ModelFailedException;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailingModelsTest {

    private static final TableId MODEL = new TableId("warehouse", "analytics", "broken");

    private final SteppingClock clock = new SteppingClock();
    private final FailingModels failing = new FailingModels(clock);

    @Test
    void aFailedModelIsLeftAloneForAWhileAndThenTriedAgain() {
        fail();
        assertThat(failing.heldBack()).containsExactly(Map.entry(MODEL, "division by zero"));
        assertThat(failing.retryIsDue()).isFalse();
        clock.now = clock.now.plusSeconds(2);
        assertThat(failing.heldBack()).isEmpty();
        assertThat(failing.retryIsDue()).isTrue();
    }

    @Test
    void pausesGrowToAMinuteAndNotBeyond() {
        for (int i = 0; i < 12; i++) {
            fail();
        }
        clock.now = clock.now.plusSeconds(59);
        assertThat(failing.retryIsDue()).isFalse();
        clock.now = clock.now.plusSeconds(1);
        assertThat(failing.retryIsDue()).isTrue();
    }

    @Test
    void aModelThatWentThroughIsForgotten() {
        fail();
        clock.now = clock.now.plusSeconds(2);
        failing.succeededExcept(failing.heldBack());
        assertThat(failing.messages()).isEmpty();
        assertThat(failing.retryIsDue()).isFalse();
    }

    @Test
    void aModelThatWasHeldBackInTheCycleStaysFailed() {
        fail();
        failing.succeededExcept(failing.heldBack());
        assertThat(failing.messages()).containsKey(MODEL);
    }

    private void fail() {
        failing.failed(new ModelFailedException(MODEL, "division by zero", null));
    }

    private static final class SteppingClock extends Clock {

        private Instant now = Instant.EPOCH.plus(Duration.ofDays(1));

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}

package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StagingPaceTest {

    private static final Duration LEAST = Duration.ofMillis(100);

    private final AtomicLong nanos = new AtomicLong();
    private final StagingPace pace = new StagingPace(LEAST, 10, nanos::get);

    @Test
    void whatIsWantedIsGatheredForTheConfiguredTime() {
        assertThat(pace.limits().gathering()).isEqualTo(LEAST);
        assertThat(pace.limits().rows()).isEqualTo(10);
    }

    @Test
    void duringACycleChangesAreGatheredForASecondAtMost() {
        pace.busy();
        assertThat(pace.limits().gathering()).isEqualTo(Duration.ofSeconds(1));
        assertThat(new StagingPace(Duration.ofSeconds(30), 10).limits().gathering())
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aBatchThatIsBeingFilledLearnsThatItIsWanted() {
        pace.busy();
        var limits = pace.limits();
        pace.want();
        assertThat(limits.gathering()).isEqualTo(LEAST);
    }

    @Test
    void aCycleWaitsForWhatWillSoonBeStaged() {
        assertThat(pace.isStaging()).isFalse();
        pace.captured("crm");
        pace.captured("shop");
        pace.settled("crm");
        assertThat(pace.isStaging()).isTrue();
        pace.settled("shop");
        assertThat(pace.isStaging()).isFalse();
    }

    @Test
    void aCycleDoesNotWaitForALongLoad() {
        pace.captured("shop");
        nanos.addAndGet(Duration.ofMillis(249).toNanos());
        assertThat(pace.isStaging()).isTrue();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(pace.isStaging()).isFalse();
    }
}

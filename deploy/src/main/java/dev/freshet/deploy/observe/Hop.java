package dev.freshet.deploy.observe;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How late a place in the flow is: what the last change took from its source's commit to here, or for how long one has been waiting to get here when
 * that is longer. 0 when nothing waits and nothing has come for a minute: an idle source is not late. Not safe for concurrent use.
 */
final class Hop {

    private static final Duration REMEMBERED = Duration.ofSeconds(60);

    private final Clock clock;
    private Duration last = Duration.ZERO;
    private Instant arrivedAt = Instant.EPOCH;
    private @Nullable Instant waitingSince;

    Hop(Clock clock) {
        this.clock = clock;
    }

    /** @param committed when the source committed it */
    void arrived(Instant committed) {
        arrivedAt = clock.instant();
        last = Duration.between(committed, arrivedAt);
        if (last.isNegative()) {
            last = Duration.ZERO; // the source's clock is ahead of ours
        }
    }

    /** Something that was committed then is not here yet. Only the first one since {@link #caughtUp} counts. */
    void waiting(Instant committed) {
        if (waitingSince == null) {
            waitingSince = committed;
        }
    }

    void caughtUp() {
        waitingSince = null;
    }

    Duration lag() {
        Instant now = clock.instant();
        Duration recent = Duration.between(arrivedAt, now).compareTo(REMEMBERED) > 0 ? Duration.ZERO : last;
        Duration waited = waitingSince == null ? Duration.ZERO : Duration.between(waitingSince, now);
        return waited.compareTo(recent) > 0 ? waited : recent;
    }
}

package dev.freshet.deploy.observe;

import java.time.Clock;
import java.util.Arrays;

/** How many rows passed, in all and a second over the last few seconds. Not safe for concurrent use. */
final class Rate {

    private static final int SECONDS = 5;

    private final Clock clock;
    private final long[] rows = new long[SECONDS];
    private long second;
    private long total;

    Rate(Clock clock) {
        this.clock = clock;
        this.second = clock.instant().getEpochSecond();
    }

    void add(long more) {
        advance();
        rows[(int) (second % SECONDS)] += more;
        total += more;
    }

    long total() {
        return total;
    }

    double perSecond() {
        advance();
        return (double) Arrays.stream(rows).sum() / SECONDS;
    }

    private void advance() {
        long now = clock.instant().getEpochSecond();
        for (long at = Math.max(second + 1, now - SECONDS + 1); at <= now; at++) {
            rows[(int) (at % SECONDS)] = 0;
        }
        second = Math.max(second, now);
    }
}

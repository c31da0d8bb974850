package dev.freshet.deploy.retry;

import java.time.Duration;
import java.time.Instant;

/**
 * For how long something that failed is left alone: twice as long after each failure in a row, from two seconds up to a minute.
 *
 * @param over when it is tried again
 */
public record GrowingPause(Duration length, Instant over) {

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** After the first failure. */
    public static GrowingPause first(Instant now) {
        return new GrowingPause(FIRST, now.plus(FIRST));
    }

    /** After another one. */
    public GrowingPause next(Instant now) {
        Duration doubled = length.multipliedBy(2);
        Duration next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return new GrowingPause(next, now.plus(next));
    }

    public boolean isOver(Instant now) {
        return !over.isAfter(now);
    }
}

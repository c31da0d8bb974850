package dev.freshet.publisher;

import java.time.Duration;

/**
 * The pace of a {@link Publisher}.
 *
 * @param minimumInterval the least time between the starts of two deliveries; zero for none
 * @param firstPause how long to wait after a first failure; doubles with each further one
 * @param longestPause the bound of that
 * @param closePatience how long {@link Publisher#close} waits for a delivery under way before it breaks its connection
 */
public record PublisherSettings(
        Duration minimumInterval, Duration firstPause, Duration longestPause, Duration closePatience) {

    public static final PublisherSettings DEFAULT = new PublisherSettings(
            Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(10));

    public PublisherSettings {
        if (minimumInterval.isNegative() || firstPause.isNegative() || firstPause.isZero()) {
            throw new IllegalArgumentException("a publisher's interval and pauses must be positive");
        }
        if (longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException("the longest pause must not be shorter than the first");
        }
    }

    /** The pause after this many failures in a row. */
    Duration pauseAfter(int failures) {
        long doublings = Math.min(Math.max(failures - 1, 0), 20);
        Duration grown = firstPause.multipliedBy(1L << doublings);
        return grown.compareTo(longestPause) > 0 ? longestPause : grown;
    }
}

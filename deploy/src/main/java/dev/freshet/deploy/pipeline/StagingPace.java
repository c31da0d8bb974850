package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.ChangeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * When what was gathered is staged: when the cycle's thread has nothing to do, and the changes are gathered for as long as configured. A cycle takes all that
 * was staged before it, so changes that are staged while one is under way only grow old, and each time costs a commit for every table. A cycle that takes long
 * puts staging off by a second at most: a source forgets only what is staged.
 *
 * <p>The sources close their batches at the same moment, and a cycle waits for those that are being staged: else the changes of one source would often wait for
 * the cycle after.
 *
 * <p>Used by the cycle's thread and by those of the sources.
 */
final class StagingPace {

    /** Within this time after a cycle the sources have seen that their changes are wanted. */
    static final Duration NOTICED = Duration.ofMillis(10);

    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(500);
    /** A batch that takes longer to stage, a load's for one, is left for another cycle. */
    private static final long WORTH_WAITING_NANOS = Duration.ofMillis(250).toNanos();

    private final Duration least;
    private final Duration longest;
    private final long rows;
    private final LongSupplier nanos;
    /** Since when each source has been staging. */
    private final Map<String, Long> staging = new ConcurrentHashMap<>();

    private volatile boolean wanted = true;

    /**
     * @param least how long changes are gathered
     * @param rows that a batch may have
     */
    StagingPace(Duration least, long rows) {
        this(least, rows, System::nanoTime);
    }

    /** @param nanos the time, as {@link System#nanoTime} tells it */
    StagingPace(Duration least, long rows, LongSupplier nanos) {
        this.nanos = nanos;
        this.least = least;
        this.longest = least.compareTo(LONGEST) > 0 ? least : LONGEST;
        this.rows = rows;
    }

    ChangeSource.Limits limits() {
        return new ChangeSource.Limits(least, longest, () -> wanted, PATIENCE, rows);
    }

    /** The cycle's thread has nothing to do. */
    void want() {
        wanted = true;
    }

    /** A cycle begins. */
    void busy() {
        wanted = false;
    }

    /** A source has closed a batch. */
    void captured(String source) {
        staging.put(source, nanos.getAsLong());
    }

    /** The batch is where the next cycle will find it, or could not be staged. */
    void settled(String source) {
        staging.remove(source);
    }

    /** Whether a batch will soon be staged. */
    boolean isStaging() {
        long now = nanos.getAsLong();
        return staging.values().stream().anyMatch(since -> now - since < WORTH_WAITING_NANOS);
    }
}

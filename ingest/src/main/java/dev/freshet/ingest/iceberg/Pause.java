package dev.freshet.ingest.iceberg;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The growing pause before a further attempt at the catalog; at most about two seconds over ten attempts. */
final class Pause {

    private static final long FIRST_MILLIS = 5;
    private static final long LONGEST_MILLIS = 500;

    private Pause() {}

    /** @param attempt counts from 0, which does not wait */
    static void before(int attempt) {
        if (attempt > 0) {
            long millis = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(attempt, 10));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }
}

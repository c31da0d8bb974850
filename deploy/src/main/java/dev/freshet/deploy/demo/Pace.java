package dev.freshet.deploy.demo;

import java.util.concurrent.TimeUnit;

/** Says when the next transaction is due so that a rate of changes is kept. What was missed for more than a second is not made up for. */
final class Pace {

    private static final long CATCH_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final double nanosPerChange;
    private long dueNanos = System.nanoTime();

    Pace(double changesPerSecond) {
        this.nanosPerChange = TimeUnit.SECONDS.toNanos(1) / changesPerSecond;
    }

    /** How long to wait before the next transaction, 0 or less when it is due. */
    long waitNanos() {
        long now = System.nanoTime();
        if (now - dueNanos > CATCH_UP_NANOS) {
            dueNanos = now - CATCH_UP_NANOS;
        }
        return dueNanos - now;
    }

    void spend(int changes) {
        dueNanos += (long) (changes * nanosPerChange);
    }
}

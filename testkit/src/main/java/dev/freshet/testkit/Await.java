package dev.freshet.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, within a limit. Tests wait with this and never for a fixed time. */
public final class Await {

    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private Await() {}

    /**
     * Asks every few milliseconds until the answer is true.
     *
     * @param what completes the sentence "waited 10 s for …"
     * @throws AssertionError when the limit is over; what the condition last threw is the cause
     */
    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        Throwable last = null;
        while (true) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("waited " + seconds(limit) + " for " + what, last);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting for " + what, last);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static String seconds(Duration limit) {
        return limit.toMillis() / 1000.0 + " s";
    }
}

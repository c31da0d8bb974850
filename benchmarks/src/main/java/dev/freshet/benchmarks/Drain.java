package dev.freshet.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * One backlog taken in.
 *
 * @param rows row changes
 * @param streamSeconds from the first row's arrival to the last row's completion
 * @param wholeSeconds the same with what it took to start
 * @param cpuSeconds of this process, over the stream
 */
record Drain(long rows, double streamSeconds, double wholeSeconds, double cpuSeconds) {

    double rowsPerSecond() {
        return rows / streamSeconds;
    }

    double cpuMicrosPerRow() {
        return cpuSeconds * 1e6 / rows;
    }

    /** Takes the times. {@link #first} may be called by another thread than the rest. */
    static final class Watch {

        private static final OperatingSystemMXBean PROCESS =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

        private final long startedNanos = System.nanoTime();
        private volatile long firstNanos;
        private volatile long firstCpuNanos;

        /** The first row has arrived. Later calls do nothing. */
        void first() {
            if (firstNanos == 0) {
                firstCpuNanos = PROCESS.getProcessCpuTime();
                firstNanos = System.nanoTime();
            }
        }

        /** The last row is done. */
        Drain last(long rows) {
            long now = System.nanoTime();
            return new Drain(
                    rows,
                    (now - firstNanos) / 1e9,
                    (now - startedNanos) / 1e9,
                    (PROCESS.getProcessCpuTime() - firstCpuNanos) / 1e9);
        }
    }
}

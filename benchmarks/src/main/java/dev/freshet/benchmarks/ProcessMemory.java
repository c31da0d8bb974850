package dev.freshet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What this process holds, by the kernel's and the JVM's account. */
final class ProcessMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    static String describe() {
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "memory: resident %,d MB, at its peak %,d MB; heap used %,d MB of %,d MB committed",
                kilobytes("VmRSS:") / 1024,
                kilobytes("VmHWM:") / 1024,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                runtime.totalMemory() >> 20);
    }

    /** 0 where the kernel keeps no such account. */
    static long kilobytes(String name) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException ignored) {
            // Not Linux.
        }
        return 0;
    }
}

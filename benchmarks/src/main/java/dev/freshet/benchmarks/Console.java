package dev.freshet.benchmarks;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** Progress for whoever waits, each line with the seconds since the start. */
final class Console {

    private final PrintStream out;
    private final long startedNanos = System.nanoTime();

    Console(PrintStream out) {
        this.out = out;
    }

    void line(String format, Object... values) {
        String text = values.length == 0 ? format : String.format(Locale.ROOT, format, values);
        out.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - startedNanos) / 1e9, text);
        out.flush();
    }

    /** The line that scripts read, always the last one. */
    void result(String benchmark, Map<String, String> values) {
        StringBuilder text = new StringBuilder("RESULT ").append(benchmark);
        values.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
        out.println(text);
        out.flush();
    }
}

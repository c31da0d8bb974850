package dev.freshet.deploy.cli;

import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What a person reads, in dbt's form: {@code HH:MM:SS  message}. Colours only on a terminal and never with {@code NO_COLOR}. Any thread may print;
 * lines never mix.
 */
public final class Terminal {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int WIDTH = 80;

    private final PrintStream out;
    private final Clock clock;
    private final ZoneId zone;
    private final boolean colours;
    private volatile boolean isQuiet;

    public Terminal(PrintStream out, Clock clock, ZoneId zone, boolean colours) {
        this.out = out;
        this.clock = clock;
        this.zone = zone;
        this.colours = colours;
    }

    /** From now on only what was asked for and errors are printed. */
    void quiet() {
        isQuiet = true;
    }

    /** A line with the time in front; nothing when quiet. */
    public void line(String message) {
        if (!isQuiet) {
            always(message);
        }
    }

    /** Like {@link #line}, also when quiet. */
    void always(String message) {
        String time = TIME.format(clock.instant().atZone(zone));
        synchronized (out) {
            for (String part : message.split("\n", -1)) {
                out.println(time + "  " + part);
            }
            out.flush();
        }
    }

    /** Text as it is, without a time. */
    public void plain(String text) {
        synchronized (out) {
            out.println(text);
            out.flush();
        }
    }

    /** dbt's result line: the description, dots, and the outcome in brackets. */
    public void outcome(String description, Outcome outcome, String text) {
        String head = description + " ";
        int room = WIDTH - 10 - head.length();
        String dots = ".".repeat(Math.max(room, 3));
        line(head + dots + " [" + colour(outcome, text) + "]");
    }

    public String colour(Outcome outcome, String text) {
        return colours ? "\u001b[" + outcome.code + "m" + text + "\u001b[0m" : text;
    }

    /** How something ended, for its colour. */
    public enum Outcome {
        GOOD("32"),
        WARNING("33"),
        BAD("31"),
        NEUTRAL("0");

        private final String code;

        Outcome(String code) {
            this.code = code;
        }
    }
}

package dev.freshet.deploy.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a person reads, in dbt's form: {@code HH:MM:SS  message}. Colours only on a terminal and never with {@code NO_COLOR}. Any thread may print;
 * lines never mix.
 */
public final class Terminal {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int WIDTH = 80;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final Clock clock;
    private final ZoneId zone;
    private volatile boolean colours;
    private volatile boolean isQuiet;
    private volatile Format format = Format.DEFAULT;
    private volatile Level least = Level.INFO;
    private volatile WarningPolicy policy = WarningPolicy.of(false, null);

    /** How a line looks. */
    public enum Format {
        DEFAULT,
        TEXT,
        /** With its level. */
        DEBUG,
        /** One object a line, with the parts of dbt's. */
        JSON
    }

    /** How much a line matters. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR,
        NONE
    }

    /** From now on. */
    public void format(Format chosen) {
        format = chosen;
    }

    /** Lines of a lower level are left out. */
    public void level(Level least) {
        this.least = least;
    }

    /** Whether lines are coloured from now on. */
    public void colours(boolean isColoured) {
        colours = isColoured;
    }

    public Terminal(PrintStream out, Clock clock, ZoneId zone, boolean colours) {
        this.out = out;
        this.clock = clock;
        this.zone = zone;
        this.colours = colours;
    }

    /** From now on only what was asked for and errors are printed. */
    public void quiet() {
        isQuiet = true;
    }

    /** A line with the time in front; nothing when quiet. */
    public void line(String message) {
        if (!isQuiet) {
            print(Level.INFO, message);
        }
    }

    /**
     * Warnings, one a line; nothing when quiet.
     *
     * @throws dev.freshet.state.FreshetException USER when one of them is an error
     */
    public void warnings(String label, List<String> found) {
        String coloured = colour(Outcome.WARNING, label.stripTrailing())
                + label.substring(label.stripTrailing().length());
        for (String warning : policy.told(found)) {
            if (!isQuiet) {
                print(Level.WARN, coloured + warning);
            }
        }
    }

    /** What becomes of warnings. */
    public void policy(WarningPolicy chosen) {
        policy = chosen;
    }

    /** Like {@link #line}, also when quiet. */
    public void always(String message) {
        print(Level.ERROR, message);
    }

    private void print(Level level, String message) {
        if (level.compareTo(least) < 0) {
            return;
        }
        if (format == Format.JSON) {
            write(json(level, message));
            return;
        }
        String time = TIME.format(clock.instant().atZone(zone));
        String start =
                format == Format.DEBUG ? time + " [" + level.name().toLowerCase(Locale.ROOT) + "]  " : time + "  ";
        synchronized (out) {
            for (String part : message.split("\n", -1)) {
                out.println(start + part);
            }
            out.flush();
        }
    }

    /** Text as it is, without a time. */
    public void plain(String text) {
        write(format == Format.JSON ? json(Level.INFO, text) : text);
    }

    private void write(String text) {
        synchronized (out) {
            out.println(text);
            out.flush();
        }
    }

    private String json(Level level, String message) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("level", level.name().toLowerCase(Locale.ROOT));
        info.put("msg", message.replaceAll("\u001b\\[[0-9;]*m", ""));
        info.put("name", "Note");
        info.put("pid", ProcessHandle.current().pid());
        info.put("thread", Thread.currentThread().getName());
        info.put("ts", clock.instant().toString());
        try {
            return JSON.writeValueAsString(Map.of("info", info));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line holds what is no JSON", e);
        }
    }

    /** dbt's result line: the description, dots, and the outcome in brackets. */
    public void outcome(String description, Outcome outcome, String text) {
        String head = description + " ";
        int room = WIDTH - 10 - head.length();
        String dots = ".".repeat(Math.max(room, 3));
        line(head + dots + " [" + colour(outcome, text) + "]");
    }

    /** The text, coloured where lines are. */
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

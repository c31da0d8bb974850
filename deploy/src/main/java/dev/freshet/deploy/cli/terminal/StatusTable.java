package dev.freshet.deploy.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A status as tables of 80 columns: what is wrong is said in full below its line, everything else in one line each. */
public final class StatusTable {

    static final int WIDTH = 80;

    private final Instant now;
    private final List<String> lines = new ArrayList<>();

    private StatusTable(Instant now) {
        this.now = now;
    }

    /** @param status as {@code GET /api/v1/status} gives it */
    public static List<String> of(JsonNode status, String url) {
        StatusTable table = new StatusTable(Instant.parse(status.path("at").asText()));
        table.head(status, url);
        table.sources(status.path("sources"));
        table.models(status.path("models"));
        table.targets(status.path("targets"));
        table.tests(status.path("tests"));
        return table.lines;
    }

    private void head(JsonNode status, String url) {
        String uptime = duration(
                Duration.between(Instant.parse(status.path("started_at").asText()), now)
                        .toMillis());
        wrapped(
                "",
                "Pipeline " + status.path("pipeline").asText() + " is "
                        + status.path("state").asText() + " at " + url + ", up " + uptime + ", cut "
                        + number(status.path("cut").asLong()));
        JsonNode staging = status.path("staging");
        wrapped(
                "",
                "Staging holds " + number(staging.path("rows").asLong()) + " rows in "
                        + number(staging.path("files").asLong()) + " files, "
                        + bytes(staging.path("bytes").asLong()));
        List<String> keptFor = new ArrayList<>();
        staging.path("kept_for").forEach(snapshot -> keptFor.add(snapshot.asText()));
        if (!keptFor.isEmpty()) {
            wrapped(
                    "  ",
                    "It keeps every change until " + String.join(", ", keptFor)
                            + " has come on and its target has it, and grows meanwhile");
        }
        reason(status.path("problem"));
    }

    private void sources(JsonNode sources) {
        header("%-24s %-11s %8s %9s %12s %11s", "Source", "State", "Lag", "Rows/s", "Rows", "Log behind");
        for (JsonNode source : sources) {
            List<String> loading = new ArrayList<>();
            source.path("tables").forEach(table -> {
                if (table.path("loading").asBoolean()) {
                    loading.add(table.path("name").asText());
                }
            });
            row(
                    "%-24s %-11s %8s %9s %12s %11s",
                    fit(source.path("name").asText(), 24),
                    source.path("connected").asBoolean() ? loading.isEmpty() ? "streaming" : "loading" : "away",
                    seconds(source.path("lag_seconds")),
                    rate(source),
                    number(source.path("rows").asLong()),
                    source.path("slot_lag_bytes").isNull()
                            ? "-"
                            : bytes(source.path("slot_lag_bytes").asLong()));
            source.path("problems").forEach(this::reason);
            if (!loading.isEmpty()) {
                wrapped("  ", "loading " + String.join(", ", loading));
            }
        }
    }

    private void models(JsonNode models) {
        header("%-32s %-12s %8s %16s %8s", "Model", "State", "Rows/s", "Last delta", "Ago");
        for (JsonNode model : models) {
            JsonNode last = model.path("last_delta");
            row(
                    "%-32s %-12s %8s %16s %8s",
                    fit(model.path("name").asText(), 32),
                    model.path("state").asText(),
                    rate(model),
                    last.isNull()
                            ? "-"
                            : "-" + number(last.path("deleted").asLong()) + " +"
                                    + number(last.path("inserted").asLong()),
                    ago(last.isNull() ? model.path("ran_at") : last.path("at")));
            if (!model.path("reason").asText().equals("paused")) {
                reason(model.path("reason"));
            }
        }
    }

    private void targets(JsonNode targets) {
        header("%-24s %-11s %8s %9s %12s %11s", "Target", "State", "Lag", "Rows/s", "Rows", "Cut");
        for (JsonNode target : targets) {
            row(
                    "%-24s %-11s %8s %9s %12s %11s",
                    fit(target.path("name").asText(), 24),
                    target.path("state").asText(),
                    seconds(target.path("lag_seconds")),
                    rate(target),
                    number(target.path("rows").asLong()),
                    number(target.path("delivered_cut").asLong()));
            if (!target.path("problem").asText().equals("paused")) {
                reason(target.path("problem"));
            }
        }
    }

    /** Those that don't pass, one by one; the others as a number. */
    private void tests(JsonNode tests) {
        if (tests.isEmpty()) {
            return;
        }
        header("%-44s %-8s %-8s %12s", "Test", "Mode", "State", "Failing rows");
        int passing = 0;
        for (JsonNode test : tests) {
            if (test.path("state").asText().equals("pass")) {
                passing++;
                continue;
            }
            row(
                    "%-44s %-8s %-8s %12s",
                    fit(test.path("name").asText(), 44),
                    test.path("mode").asText(),
                    test.path("state").asText(),
                    number(test.path("failures").asLong()));
            List<String> holds = new ArrayList<>();
            test.path("holds").forEach(output -> holds.add(output.asText()));
            String state = test.path("state").asText();
            if (!holds.isEmpty() && (state.equals("fail") || state.equals("error"))) {
                wrapped(
                        "  ",
                        "holds " + String.join(", ", holds) + " since "
                                + test.path("since").asText());
            }
            reason(test.path("message"));
            if (test.path("failures").asLong() > 0) {
                wrapped("  ", "freshet status --test " + test.path("name").asText());
            }
        }
        wrapped("", number(passing) + " of " + number(tests.size()) + " tests pass");
    }

    private String ago(JsonNode at) {
        return at.isTextual()
                ? duration(Duration.between(Instant.parse(at.asText()), now).toMillis())
                : "-";
    }

    private void header(String format, Object... names) {
        lines.add("");
        row(format, names);
    }

    private void row(String format, Object... cells) {
        lines.add(String.format(Locale.ROOT, format, cells).stripTrailing());
    }

    private void reason(JsonNode reason) {
        if (!reason.isNull() && !reason.asText().isEmpty()) {
            wrapped("  ", reason.asText());
        }
    }

    /** Breaks between words; a word that is longer than a line is cut. */
    private void wrapped(String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.strip().split("\\s+", -1)) {
            String rest = word;
            if (line.length() > indent.length() && line.length() + 1 + rest.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
            }
            if (line.length() > indent.length()) {
                line.append(' ');
            }
            while (indent.length() + rest.length() > WIDTH) {
                lines.add(indent + rest.substring(0, WIDTH - indent.length()));
                rest = rest.substring(WIDTH - indent.length());
            }
            line.append(rest);
        }
        lines.add(line.toString());
    }

    private static String fit(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 1) + "…";
    }

    private static String rate(JsonNode part) {
        double rate = part.path("rows_per_second").asDouble();
        return rate == 0 ? "-" : String.format(Locale.ROOT, rate < 100 ? "%,.1f" : "%,.0f", rate);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String seconds(JsonNode lag) {
        long millis = Math.round(lag.asDouble() * 1000);
        return millis == 0 ? "-" : duration(millis);
    }

    private static String duration(long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        long minutes = millis / 60_000;
        if (minutes < 120) {
            return minutes + " min";
        }
        return minutes < 2_880 ? minutes / 60 + " h" : minutes / 1_440 + " d";
    }

    private static String bytes(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        if (bytes < 1 << 20) {
            return (bytes >> 10) + " KB";
        }
        return bytes < 1L << 30
                ? (bytes >> 20) + " MB"
                : String.format(Locale.ROOT, "%.1f GB", bytes / (double) (1 << 30));
    }
}

package dev.freshet.deploy.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code freshet plan} prints: a model and its plan, why, and below it what the last change cost beside what was expected. */
public final class PlanTable {

    private PlanTable() {}

    /** @param plan as {@code GET /api/v1/plan} gives it */
    public static List<String> of(JsonNode plan) {
        int width = 0;
        for (JsonNode model : plan.path("models")) {
            width = Math.max(width, model.path("name").asText().length());
        }
        List<String> lines = new ArrayList<>();
        for (JsonNode model : plan.path("models")) {
            String name = model.path("name").asText();
            lines.add(name + " ".repeat(width - name.length() + 2)
                    + model.path("plan").asText() + ": " + model.path("reason").asText());
            JsonNode last = model.path("last");
            if (!last.path("plan").isNull()) {
                lines.add(" ".repeat(width + 2) + last(last));
                lines.add(" ".repeat(width + 2) + "lately: affected rows " + millis(model.path("affected_rows_ms"))
                        + ", all rows " + millis(model.path("all_rows_ms")));
            }
        }
        return lines;
    }

    /** Where each model's columns come from, a line for each column. */
    public static List<String> lineage(JsonNode plan) {
        List<String> lines = new ArrayList<>();
        for (JsonNode model : plan.path("models")) {
            lines.add(model.path("name").asText());
            JsonNode lineage = model.path("lineage");
            if (lineage.isNull()) {
                lines.add("  not known: its rows are not there yet, or its SQL can't be taken apart");
                continue;
            }
            int width = "rows".length();
            for (JsonNode column : lineage.path("columns")) {
                width = Math.max(width, column.path("name").asText().length());
            }
            for (JsonNode column : lineage.path("columns")) {
                lines.add(origins(column.path("name").asText(), width, column.path("from")));
            }
            lines.add(origins("rows", width, lineage.path("rows_from")));
        }
        return lines;
    }

    private static String origins(String name, int width, JsonNode from) {
        List<String> origins = new ArrayList<>();
        from.forEach(origin -> origins.add(
                origin.path("relation").asText() + "." + origin.path("column").asText()));
        return "  " + name + " ".repeat(width - name.length()) + " <- "
                + (origins.isEmpty() ? "no column" : String.join(", ", origins));
    }

    private static String last(JsonNode last) {
        long keys = last.path("keys").asLong();
        String what = keys == 0
                ? "all rows"
                : String.format(Locale.ROOT, "the rows of %,d %s", keys, keys == 1 ? "key" : "keys");
        return "last change: " + what + " in " + millis(last.path("took_ms")) + ", estimated "
                + millis(last.path("estimated_ms"));
    }

    private static String millis(JsonNode time) {
        return time.isNumber() ? String.format(Locale.ROOT, "%,.1f ms", time.asDouble()) : "unknown";
    }
}

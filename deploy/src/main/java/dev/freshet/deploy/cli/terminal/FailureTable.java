package dev.freshet.deploy.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The rows at which a test fails, in columns as wide as their widest value. */
public final class FailureTable {

    private static final int WIDEST = 40;

    private FailureTable() {}

    /** @param failures as {@code POST /api/v1/failures} gives them */
    public static List<String> of(JsonNode failures) {
        if (failures.path("rows").isEmpty()) {
            return List.of("No row fails now.");
        }
        List<JsonNode> rows = new ArrayList<>(List.of(failures.path("columns")));
        failures.path("rows").forEach(rows::add);
        int columns = failures.path("columns").size();
        int[] widths = new int[columns];
        for (JsonNode row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], fit(row.path(i)).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (JsonNode row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(fit(row.path(i)))
                        .append(" ".repeat(widths[i] - fit(row.path(i)).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static String fit(JsonNode value) {
        String text = value.asText().replaceAll("\\s+", " ");
        return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
    }
}

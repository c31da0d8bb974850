package dev.freshet.deploy.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.transform.project.database.QueryResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a query as {@code show} prints them. */
public final class Preview {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Preview() {}

    /** Markdown, numbers at the right. */
    public static String table(QueryResult result) {
        int columns = result.columns().size();
        int[] widths = new int[columns];
        boolean[] isNumeric = new boolean[columns];
        for (int i = 0; i < columns; i++) {
            widths[i] = result.columns().get(i).length();
            isNumeric[i] = !result.rows().isEmpty();
            for (List<@Nullable Object> row : result.rows()) {
                widths[i] = Math.max(widths[i], text(row.get(i)).length());
                isNumeric[i] &= row.get(i) == null || row.get(i) instanceof Number;
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(result.columns(), widths, new boolean[columns]));
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
            rule.add("-".repeat(width));
        }
        lines.add(line(rule, widths, new boolean[columns]));
        for (List<@Nullable Object> row : result.rows()) {
            lines.add(line(row.stream().map(Preview::text).toList(), widths, isNumeric));
        }
        return String.join("\n", lines);
    }

    private static String line(List<String> cells, int[] widths, boolean[] atTheRight) {
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            String space = " ".repeat(widths[i] - cells.get(i).length());
            line.append(' ')
                    .append(atTheRight[i] ? space + cells.get(i) : cells.get(i) + space)
                    .append(" |");
        }
        return line.toString();
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString().replace("\n", "\\n");
    }

    /** @param node left out for an inline query, which has no name */
    public static String json(Map<String, Object> node, QueryResult result) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : result.rows()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (int i = 0; i < row.size(); i++) {
                Object value = row.get(i);
                boolean isJson = value == null || value instanceof Number || value instanceof Boolean;
                object.put(result.columns().get(i), isJson ? value : value.toString());
            }
            rows.add(object);
        }
        Map<String, Object> document = new LinkedHashMap<>(node);
        document.put("show", rows);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a row holds what is no JSON", e);
        }
    }
}

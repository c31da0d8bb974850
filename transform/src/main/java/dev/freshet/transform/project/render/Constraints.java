package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.None;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns and constraints of a model with a contract, as its table is created with them. */
final class Constraints {

    private Constraints() {}

    /** {@code "id" integer not null primary key}, one text for each column. */
    static List<Object> ofColumns(Map<?, ?> columns, RelationStyle style) {
        List<Object> rendered = new ArrayList<>();
        for (Object value : columns.values()) {
            if (!(value instanceof Map<?, ?> column)) {
                continue;
            }
            String name = text(column.get("name"));
            StringBuilder text =
                    new StringBuilder(Boolean.TRUE.equals(column.get("quote")) ? style.quoted(name) : name);
            text.append(' ').append(text(column.get("data_type")));
            if (column.get("constraints") instanceof List<?> constraints) {
                for (Object each : constraints) {
                    if (each instanceof Map<?, ?> constraint) {
                        text.append(' ').append(ofColumn(constraint).strip());
                    }
                }
            }
            rendered.add(text.toString());
        }
        return rendered;
    }

    private static String ofColumn(Map<?, ?> constraint) {
        String expression = text(constraint.get("expression"));
        return switch (text(constraint.get("type"))) {
            case "check" -> "check (" + expression + ")";
            case "not_null" -> "not null " + expression;
            case "unique" -> "unique " + expression;
            case "primary_key" -> "primary key " + expression;
            case "foreign_key" -> references(constraint, expression);
            default -> expression;
        };
    }

    private static String references(Map<?, ?> constraint, String expression) {
        String to = text(constraint.get("to"));
        return to.isEmpty()
                ? "references " + expression
                : "references " + to + " (" + joined(constraint.get("to_columns")) + ")";
    }

    static List<Object> ofModel(List<?> constraints) {
        List<Object> rendered = new ArrayList<>();
        for (Object each : constraints) {
            if (each instanceof Map<?, ?> constraint) {
                String text = ofModel(constraint);
                if (!text.isBlank()) {
                    rendered.add(text.strip());
                }
            }
        }
        return rendered;
    }

    private static String ofModel(Map<?, ?> constraint) {
        String name = text(constraint.get("name"));
        String start = name.isEmpty() ? "" : "constraint " + name + " ";
        String expression = text(constraint.get("expression"));
        String columns = joined(constraint.get("columns"));
        return switch (text(constraint.get("type"))) {
            case "check" -> start + "check (" + expression + ")";
            case "unique" -> start + "unique (" + columns + ") " + expression;
            case "primary_key" -> start + "primary key (" + columns + ") " + expression;
            case "foreign_key" -> start + "foreign key (" + columns + ") " + references(constraint, expression);
            case "custom" -> start + expression;
            default -> "";
        };
    }

    private static String joined(@Nullable Object columns) {
        return columns instanceof List<?> list
                ? String.join(", ", list.stream().map(Constraints::text).toList())
                : "";
    }

    private static String text(@Nullable Object value) {
        return value == null || value == None.NONE ? "" : value.toString();
    }
}

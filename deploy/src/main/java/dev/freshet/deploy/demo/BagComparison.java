package dev.freshet.deploy.demo;

import dev.freshet.deploy.demo.Verifier.Verdict;
import dev.freshet.state.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares two DuckDB tables as bags: the expected rows with the delivered ones. NULL equals NULL; numbers are compared by value. */
final class BagComparison {

    private static final int EXAMPLES = 3;
    private static final int EXAMPLE_LENGTH = 300;

    private final Statement oracle;
    private final TableId model;
    private final String expected;
    private final String delivered;
    private final DeliveredTable target;

    BagComparison(Statement oracle, TableId model, String expected, String delivered, DeliveredTable target) {
        this.oracle = oracle;
        this.model = model;
        this.expected = expected;
        this.delivered = delivered;
        this.target = target;
    }

    Verdict verdict() throws SQLException {
        Map<String, String> expectedTypes = types();
        Map<String, String> deliveredTypes = new LinkedHashMap<>();
        target.columns().forEach(column -> deliveredTypes.put(column.name(), column.type()));
        if (!expectedTypes.keySet().equals(deliveredTypes.keySet())) {
            return Verdict.failed(
                    model,
                    "the model has the columns " + expectedTypes.keySet() + " and the target "
                            + deliveredTypes.keySet());
        }
        List<String> left = new ArrayList<>();
        List<String> right = new ArrayList<>();
        Set<String> incomparable = new TreeSet<>();
        expectedTypes.forEach((name, type) -> {
            String deliveredType = deliveredTypes.get(name);
            Optional<String> common = comparable(type, deliveredType);
            common.ifPresentOrElse(
                    pattern -> {
                        left.add(pattern.formatted(PostgresTable.quote(name)) + " as " + PostgresTable.quote(name));
                        right.add(pattern.formatted(PostgresTable.quote(name)) + " as " + PostgresTable.quote(name));
                    },
                    () -> incomparable.add(name + " (" + type + ", delivered as " + deliveredType + ")"));
        });
        if (!incomparable.isEmpty()) {
            return Verdict.failed(model, "columns of another type at the target: " + incomparable);
        }
        String expectedRows = "select " + String.join(", ", left) + " from " + expected;
        String deliveredRows = "select " + String.join(", ", right) + " from " + delivered;
        List<String> examples = new ArrayList<>();
        long missing = difference("missing", expectedRows, deliveredRows, examples);
        long unexpected = difference("unexpected", deliveredRows, expectedRows, examples);
        return new Verdict(model, count(expected), count(delivered), missing, unexpected, examples, Optional.empty());
    }

    /** How values of a column become comparable, as a pattern around its name; empty when its types have nothing in common. */
    private static Optional<String> comparable(String expected, String delivered) {
        if (expected.equals("JSON") || delivered.equals("JSON")) {
            boolean both = Set.of("JSON", "VARCHAR").containsAll(List.of(expected, delivered));
            return both ? Optional.of("cast(json(%s) as varchar)") : Optional.empty();
        }
        if (expected.equals(delivered)) {
            return Optional.of("%s");
        }
        if (isExact(expected) && isExact(delivered)) {
            return Optional.of(
                    "regexp_replace(regexp_replace(cast(%1$s as varchar), '(\\.\\d*?)0+$', '\\1'), '\\.$', '')");
        }
        if (isFloating(expected) && isFloating(delivered)) {
            return Optional.of("cast(%s as double)");
        }
        return Optional.empty();
    }

    private static boolean isExact(String type) {
        return type.startsWith("DECIMAL")
                || Set.of("SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "TINYINT", "UBIGINT", PostgresTable.ANY_NUMBER)
                        .contains(type);
    }

    private static boolean isFloating(String type) {
        return type.equals("FLOAT") || type.equals("DOUBLE");
    }

    private Map<String, String> types() throws SQLException {
        return types(oracle, expected);
    }

    static Map<String, String> types(Statement oracle, String expected) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        try (ResultSet result = oracle.executeQuery("describe " + expected)) {
            while (result.next()) {
                types.put(result.getString("column_name"), result.getString("column_type"));
            }
        }
        return types;
    }

    private long difference(String label, String rows, String without, List<String> examples) throws SQLException {
        oracle.execute("create or replace temp table difference as " + rows + " except all " + without);
        try (ResultSet result = oracle.executeQuery("select * from difference order by all limit " + EXAMPLES)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(result.getMetaData().getColumnName(i) + "=" + result.getString(i));
                }
                String text = label + ": " + values.stream().collect(Collectors.joining(", "));
                examples.add(text.length() > EXAMPLE_LENGTH ? text.substring(0, EXAMPLE_LENGTH) + "…" : text);
            }
        }
        return count("difference");
    }

    private long count(String relation) throws SQLException {
        try (ResultSet result = oracle.executeQuery("select count(*) from " + relation)) {
            result.next();
            return result.getLong(1);
        }
    }
}

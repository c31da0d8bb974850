package dev.freshet.transform.project.render;

import dev.freshet.state.StateNames;
import dev.freshet.transform.jinja.None;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A seed's file as a query of the state store, with the types that dbt finds for its columns. */
public final class SeedSql {

    private SeedSql() {}

    /**
     * @param types the types that the project gives columns, by the names in the header
     * @param naming what a column is called where it is stored
     * @throws dev.freshet.state.FreshetException USER when the file can't be read
     */
    public static String query(Path file, char separator, Map<String, String> types, UnaryOperator<String> naming) {
        List<List<String>> lines = SeedFile.read(file, separator);
        List<String> names = lines.get(0);
        ResultTable table = SeedTypes.table(names, lines.subList(1, lines.size()), types.keySet());
        List<String> columns = new ArrayList<>();
        List<String> places = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String type = types.getOrDefault(names.get(i), SeedTypes.type(table, i, "duckdb"));
            places.add("c" + i);
            columns.add("cast(c" + i + " as " + type + ") as " + StateNames.quote(naming.apply(names.get(i))));
        }
        List<String> rows = new ArrayList<>();
        table.rows().forEach(row -> {
            List<String> values = new ArrayList<>();
            row.forEach(value -> values.add(literal(value)));
            rows.add("(" + String.join(", ", values) + ")");
        });
        boolean isEmpty = rows.isEmpty();
        if (isEmpty) {
            rows.add("(" + String.join(", ", names.stream().map(name -> "null").toList()) + ")");
        }
        return "select " + String.join(", ", columns) + " from (values " + String.join(",\n", rows) + ") as seed("
                + String.join(", ", places) + ")" + (isEmpty ? " where false" : "");
    }

    private static String literal(Object value) {
        if (value == None.NONE) {
            return "null";
        }
        String text = value instanceof BigDecimal number
                ? number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString()
                : value.toString();
        return "'" + text.replace("'", "''") + "'";
    }
}

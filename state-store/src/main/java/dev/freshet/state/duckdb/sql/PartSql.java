package dev.freshet.state.duckdb.sql;

import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.DataType;
import dev.freshet.state.RowPart;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The condition that a row belongs to a part of a model. */
public final class PartSql {

    private PartSql() {}

    /** An SQL condition on the columns of a model. */
    public static String condition(RowPart part, TableSchema schema) {
        if (part instanceof RowPart.Period period) {
            String column = quote(period.column());
            DataType type = type(schema, period.column());
            return column + " >= " + time(period.from(), type) + " AND " + column + " < " + time(period.to(), type);
        }
        RowPart.Values chosen = (RowPart.Values) part;
        List<String> each = new ArrayList<>();
        for (int i = 0; i < chosen.columns().size(); i++) {
            int number = i;
            DataType type = type(schema, chosen.columns().get(i));
            each.add(quote(chosen.columns().get(i)) + " IN ("
                    + chosen.values().stream()
                            .map(values -> cast(values.get(number), type))
                            .distinct()
                            .collect(Collectors.joining(", "))
                    + ")");
        }
        if (each.size() > 1) {
            // The conditions above are looked for where the rows are read, this one after.
            each.add("(" + chosen.columns().stream().map(SqlText::quote).collect(Collectors.joining(", ")) + ") IN ("
                    + chosen.values().stream()
                            .map(values -> IntStream.range(0, values.size())
                                    .mapToObj(i -> cast(
                                            values.get(i),
                                            type(schema, chosen.columns().get(i))))
                                    .collect(Collectors.joining(", ", "(", ")")))
                            .collect(Collectors.joining(", "))
                    + ")");
        }
        return String.join(" AND ", each);
    }

    private static DataType type(TableSchema schema, String column) {
        return schema.columns().get(schema.indexOf(column)).type();
    }

    private static String cast(String value, DataType type) {
        return "CAST(" + literal(value) + " AS " + type.sql() + ")";
    }

    private static String time(Instant time, DataType type) {
        return type == DataType.Simple.TIMESTAMPTZ
                ? "TIMESTAMPTZ " + literal(time.toString())
                : "TIMESTAMP "
                        + literal(LocalDateTime.ofInstant(time, ZoneOffset.UTC).toString());
    }
}

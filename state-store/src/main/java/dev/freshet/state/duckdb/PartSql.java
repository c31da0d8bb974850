package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.SqlText.literal;
import static dev.freshet.state.duckdb.SqlText.quote;

import dev.freshet.state.DataType;
import dev.freshet.state.RowPart;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.stream.Collectors;

/** The condition that a row belongs to a part of a model. */
final class PartSql {

    private PartSql() {}

    static String condition(RowPart part, TableSchema schema) {
        String column = quote(part.column());
        DataType type = schema.columns().get(schema.indexOf(part.column())).type();
        if (part instanceof RowPart.Period period) {
            return column + " >= " + time(period.from(), type) + " AND " + column + " < " + time(period.to(), type);
        }
        return column + " IN ("
                + ((RowPart.Values) part)
                        .values().stream()
                                .map(value -> "CAST(" + literal(value) + " AS " + type.sql() + ")")
                                .collect(Collectors.joining(", "))
                + ")";
    }

    private static String time(Instant time, DataType type) {
        return type == DataType.Simple.TIMESTAMPTZ
                ? "TIMESTAMPTZ " + literal(time.toString())
                : "TIMESTAMP "
                        + literal(LocalDateTime.ofInstant(time, ZoneOffset.UTC).toString());
    }
}

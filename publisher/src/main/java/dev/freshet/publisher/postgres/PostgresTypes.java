package dev.freshet.publisher.postgres;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two-way type table. Types are spelled as PostgreSQL's {@code format_type} does, so that a table's own description can be compared as text.
 * JSON is {@code json}, not {@code jsonb}: only that keeps the text as it is.
 */
final class PostgresTypes {

    private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");

    /** Simple types by name, and further spellings that hold exactly the same values. */
    private static final Map<String, DataType> BY_NAME = new HashMap<>();

    static {
        for (Simple type : Simple.values()) {
            BY_NAME.put(sqlType(type), type);
        }
        BY_NAME.put("character varying", Simple.VARCHAR);
    }

    private PostgresTypes() {}

    /**
     * How PostgreSQL spells a type.
     *
     * @throws TableHeldException USER when it has none
     */
    static String sqlType(DataType type) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> "boolean";
                case SMALLINT -> "smallint";
                case INTEGER -> "integer";
                case BIGINT -> "bigint";
                case HUGEINT -> "numeric(39,0)";
                case REAL -> "real";
                case DOUBLE -> "double precision";
                case VARCHAR -> "text";
                case JSON -> "json";
                case BLOB -> "bytea";
                case DATE -> "date";
                case TIME -> "time without time zone";
                case TIMESTAMP -> "timestamp without time zone";
                case TIMESTAMPTZ -> "timestamp with time zone";
                case INTERVAL -> "interval";
                case UUID -> "uuid";
            };
        }
        if (type instanceof Decimal decimal) {
            return "numeric(" + decimal.precision() + "," + decimal.scale() + ")";
        }
        ListOf list = (ListOf) type;
        if (list.element() instanceof ListOf) {
            throw new TableHeldException(
                    ErrorKind.USER,
                    "PostgreSQL has no type for " + type.sql()
                            + " (its arrays of arrays must be rectangular): cast it to JSON in the model");
        }
        return sqlType(list.element()) + "[]";
    }

    /** The type that a column of this {@code format_type} holds without loss, if there is one. */
    static Optional<DataType> dataType(String formatted) {
        if (formatted.endsWith("[]")) {
            return dataType(formatted.substring(0, formatted.length() - 2)).map(ListOf::new);
        }
        DataType simple = BY_NAME.get(formatted);
        if (simple != null) {
            return Optional.of(simple);
        }
        Matcher numeric = NUMERIC.matcher(formatted);
        if (numeric.matches()) {
            int precision = Integer.parseInt(numeric.group(1));
            int scale = Integer.parseInt(numeric.group(2));
            if (precision <= 38 && scale <= precision) {
                return Optional.of(new Decimal(precision, scale));
            }
        }
        return Optional.empty();
    }

    /** The type in which values are staged and compared: {@code json} has no equality, its text does. */
    static DataType comparable(DataType type) {
        if (type == Simple.JSON) {
            return Simple.VARCHAR;
        }
        return type instanceof ListOf list ? new ListOf(comparable(list.element())) : type;
    }

    /** A column of the target as it is compared. */
    static String comparable(String expression, DataType type) {
        return cast(expression, type, comparable(type));
    }

    /**
     * Whether PostgreSQL takes different values of the type for equal where the state store does not: a day and 24 hours. (Both take 0.0 and
     * -0.0 for equal.)
     */
    static boolean equalsTooMuch(DataType type) {
        return type == Simple.INTERVAL || type instanceof ListOf list && equalsTooMuch(list.element());
    }

    /** A comparable value in a form in which equal means the same value. Not fit for an index. */
    static String exact(String comparable, DataType type) {
        return equalsTooMuch(type) ? comparable + "::text" : comparable;
    }

    /** A staged value as it is inserted. */
    static String insertable(String expression, DataType type) {
        return cast(expression, comparable(type), type);
    }

    private static String cast(String expression, DataType from, DataType to) {
        return from.equals(to) ? expression : expression + "::" + sqlType(to);
    }

    /** The object id of a built-in type, the same in every PostgreSQL. */
    static int oid(DataType type) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> 16;
                case SMALLINT -> 21;
                case INTEGER -> 23;
                case BIGINT -> 20;
                case HUGEINT -> 1700;
                case REAL -> 700;
                case DOUBLE -> 701;
                case VARCHAR -> 25;
                case JSON -> 114;
                case BLOB -> 17;
                case DATE -> 1082;
                case TIME -> 1083;
                case TIMESTAMP -> 1114;
                case TIMESTAMPTZ -> 1184;
                case INTERVAL -> 1186;
                case UUID -> 2950;
            };
        }
        if (type instanceof Decimal) {
            return 1700;
        }
        throw new IllegalArgumentException(type.sql() + " is not an element type");
    }

    /** @throws TableHeldException USER naming the table or column that PostgreSQL can't have */
    static void requireMappable(TableId table, TableSchema schema) {
        Identifier.requireValid("schema", table.schema());
        Identifier.requireValid("table", table.name());
        for (Column column : schema.columns()) {
            Identifier.requireValid("column of table '" + table + "'", column.name());
            try {
                sqlType(column.type());
            } catch (TableHeldException e) {
                throw new TableHeldException(
                        e.kind(), "column '" + column.name() + "' of table '" + table + "': " + e.getMessage());
            }
        }
    }
}

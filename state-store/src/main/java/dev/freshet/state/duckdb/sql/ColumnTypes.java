package dev.freshet.state.duckdb.sql;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Between DuckDB's names of types and ours. */
public final class ColumnTypes {

    private static final Pattern DECIMAL = Pattern.compile("DECIMAL\\((\\d+),\\s*(\\d+)\\)");
    private static final Pattern LIST = Pattern.compile("(.*)\\[\\d*\\]", Pattern.DOTALL);

    private ColumnTypes() {}

    /** The type that {@link DataType#sql} spells so. */
    static DataType parse(String sql) {
        return of(sql).orElseThrow(() -> new IllegalArgumentException("not a type: " + sql));
    }

    /** The type that holds every value of a DuckDB type exactly; empty when there is none. */
    public static Optional<DataType> of(String duckDbType) {
        Matcher list = LIST.matcher(duckDbType);
        if (list.matches()) {
            return of(list.group(1)).map(ListOf::new);
        }
        Matcher decimal = DECIMAL.matcher(duckDbType);
        if (decimal.matches()) {
            return Optional.of(new Decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2))));
        }
        String name = duckDbType.toUpperCase(Locale.ROOT);
        if (name.startsWith("ENUM")) {
            return Optional.of(Simple.VARCHAR);
        }
        return switch (name) {
            case "BOOLEAN" -> Optional.of(Simple.BOOLEAN);
            case "TINYINT", "UTINYINT", "SMALLINT" -> Optional.of(Simple.SMALLINT);
            // A bare NULL: DuckDB itself makes it an INTEGER when it stores it.
            case "USMALLINT", "INTEGER", "NULL", "\"NULL\"" -> Optional.of(Simple.INTEGER);
            case "UINTEGER", "BIGINT" -> Optional.of(Simple.BIGINT);
            case "UBIGINT" -> Optional.of(new Decimal(20, 0));
            case "HUGEINT" -> Optional.of(Simple.HUGEINT);
            case "FLOAT" -> Optional.of(Simple.REAL);
            case "DOUBLE" -> Optional.of(Simple.DOUBLE);
            case "VARCHAR" -> Optional.of(Simple.VARCHAR);
            case "JSON" -> Optional.of(Simple.JSON);
            case "BLOB" -> Optional.of(Simple.BLOB);
            case "DATE" -> Optional.of(Simple.DATE);
            case "TIME" -> Optional.of(Simple.TIME);
            case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS" -> Optional.of(Simple.TIMESTAMP);
            case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE" -> Optional.of(Simple.TIMESTAMPTZ);
            case "INTERVAL" -> Optional.of(Simple.INTERVAL);
            case "UUID" -> Optional.of(Simple.UUID);
            default -> Optional.empty();
        };
    }

    /** Whether DuckDB calls this very type so, that is, no cast is needed. */
    public static boolean isCalled(DataType type, String duckDbType) {
        String name = duckDbType.toUpperCase(Locale.ROOT);
        return name.equals(type.sql()) || (type == Simple.TIMESTAMPTZ && name.equals("TIMESTAMP WITH TIME ZONE"));
    }

    /** Whether DuckDB finds different values of this type equal (30 days and 1 month), alone or in a list. */
    public static boolean equalsTooMuch(DataType type) {
        return type == Simple.INTERVAL || (type instanceof ListOf list && equalsTooMuch(list.element()));
    }

    /** Whether values of this type are JSON, or lists of it. */
    public static boolean holdsJson(DataType type) {
        return type == Simple.JSON || (type instanceof ListOf list && holdsJson(list.element()));
    }
}

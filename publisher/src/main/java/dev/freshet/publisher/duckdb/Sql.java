package dev.freshet.publisher.duckdb;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;

/** Pieces of DuckDB's SQL. Identifiers are always quoted. */
final class Sql {

    private Sql() {}

    static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String definition(Column column) {
        return quote(column.name()) + " " + column.type().sql();
    }

    /** DuckDB finds different intervals equal (30 days and 1 month): their text tells them apart. */
    static String exact(String expression, DataType type) {
        boolean equalsTooMuch =
                type instanceof ListOf list ? list.element() == Simple.INTERVAL : type == Simple.INTERVAL;
        return equalsTooMuch ? "CAST(" + expression + " AS VARCHAR)" : expression;
    }
}

package dev.freshet.state;

/** How tables are called in SQL inside the state store. A model's compiled text uses these names, so they are part of the contract. */
public final class StateNames {

    private StateNames() {}

    /** The DuckDB schema that holds a table: {@code connection.schema} as one identifier, unquoted. */
    public static String schema(TableId table) {
        return table.connection() + "." + table.schema();
    }

    /** The quoted, two-part name of a table, {@code "connection.schema"."name"}. */
    public static String relation(TableId table) {
        return quote(schema(table)) + "." + quote(table.name());
    }

    /** A DuckDB identifier, quoted. */
    public static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }
}

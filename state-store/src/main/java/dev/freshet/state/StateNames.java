package dev.freshet.state;

/** How tables are called in SQL inside the state store. A model's compiled text uses these names, so they are part of the contract. */
public final class StateNames {

    /** The column of {@link #delta} that says how many copies of a row came or, negative, left. */
    public static final String WEIGHT = "_freshet_weight";

    private StateNames() {}

    /** The DuckDB schema that holds a table: {@code connection.schema} as one identifier, unquoted. */
    public static String schema(TableId table) {
        return table.connection() + "." + table.schema();
    }

    /** The quoted, two-part name of a table, {@code "connection.schema"."name"}. */
    public static String relation(TableId table) {
        return quote(schema(table)) + "." + quote(table.name());
    }

    /**
     * The quoted name of the rows that a transaction changed in a table: {@link #WEIGHT} and the table's columns. There while
     * {@link RowMaintenance#changed} says so.
     */
    public static String delta(TableId table) {
        return "temp." + quote("delta of " + relation(table));
    }

    /** The quoted name of the keys staged last for a model: {@link RowMaintenance#KEY}, each value once, among them at most one NULL. */
    public static String keys(TableId model) {
        return "temp." + quote("keys of " + relation(model));
    }

    /** The quoted name of the versions of a source table's rows, see {@link StagedVersions}. */
    public static String versions(TableId table) {
        return "temp." + quote("versions of " + relation(table));
    }

    /** A DuckDB identifier, quoted. */
    public static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }
}

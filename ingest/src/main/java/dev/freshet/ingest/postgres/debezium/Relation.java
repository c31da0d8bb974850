package dev.freshet.ingest.postgres.debezium;

import java.util.List;

/**
 * A table as the log described it right before some of its rows. A new instance comes whenever the server describes the table anew, which it
 * does after DDL; so identity, not equality, tells whether the shape may have changed.
 */
public final class Relation {

    private final String schema;
    private final String table;
    private final List<String> columns;

    public Relation(String schema, String table, List<String> columns) {
        this.schema = schema;
        this.table = table;
        this.columns = List.copyOf(columns);
    }

    public String schema() {
        return schema;
    }

    public String table() {
        return table;
    }

    /** In the order of the values in {@link LogEvent.RowEvent}. */
    public List<String> columns() {
        return columns;
    }
}

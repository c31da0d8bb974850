package dev.freshet.state.duckdb.catalog;

import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;

/**
 * The copy of one source table.
 *
 * @param id names its physical table
 * @param ready whether it holds a complete load
 */
public record Mirror(long id, TableId table, TableSchema schema, boolean ready) {

    /** The physical table: the source's columns and {@link SqlText#ROW_HASH}. */
    public String physical() {
        return "mirror.t" + id;
    }

    /** The same with other columns. */
    public Mirror withSchema(TableSchema changed) {
        return new Mirror(id, table, changed, ready);
    }

    /** The same, complete or not. */
    public Mirror withReady(boolean complete) {
        return new Mirror(id, table, schema, complete);
    }
}

package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Correction;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.sql.SqlText;

/** The text for stored rows that stay with other values. They are read once. */
final class CorrectedRows {

    private static final String VALUES = "freshet_new_values";
    private static final String ROWS = "freshet_corrected";

    private final Output stored;
    private final Correction correction;
    private final String which;

    /** @param which a condition for the stored rows that may be corrected */
    CorrectedRows(Output stored, Correction correction, String which) {
        this.stored = stored;
        this.correction = correction;
        this.which = which;
    }

    /** A WITH clause, for the other parts. */
    String common() {
        return "WITH " + VALUES + " AS MATERIALIZED (" + correction.sql() + "), " + ROWS
                + " AS MATERIALIZED (SELECT rowid AS rowid, "
                + SqlText.names(stored.schema().columns()) + " FROM "
                + stored.physical() + " WHERE " + quote(correction.column()) + " IN (SELECT " + RowMaintenance.KEY
                + " FROM " + VALUES + ") AND (" + which + ")) ";
    }

    /** Where the rows are as they are stored. */
    String before() {
        return ROWS;
    }

    /** A query for them as they are to be, in the order of the output's columns. */
    String after() {
        String columns = SqlText.list(stored.schema().columns(), column -> {
            String value = correction.values().get(column.name());
            return (value == null ? Correction.STORED + "." + quote(column.name()) : "(" + value + ")") + "::"
                    + column.type().sql() + " AS " + quote(column.name());
        });
        return "SELECT " + columns + " FROM " + ROWS + " AS " + Correction.STORED + " JOIN " + VALUES + " AS "
                + Correction.NEW + " ON " + Correction.NEW + "." + RowMaintenance.KEY + " = " + Correction.STORED + "."
                + quote(correction.column());
    }
}

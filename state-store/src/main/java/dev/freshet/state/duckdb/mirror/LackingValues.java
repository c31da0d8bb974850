package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.KeyedFold.LIVE;
import static dev.freshet.state.duckdb.mirror.Landing.EVENT;
import static dev.freshet.state.duckdb.mirror.Landing.MASK;
import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.sql.SqlText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The last image of each key whose events may lack values that did not change, where none is poison and rows that moved to another key have all of theirs: a
 * lacking value is that of the newest event of the same row that has it, else that of the row in the mirror. An insert or a delete begins another row, behind which
 * nothing is looked up. {@link ChainFold} does the rest.
 */
final class LackingValues {

    private final TableSchema schema;
    private final String events;
    private final List<String> lacking;

    LackingValues(Mirror mirror, Landing.Landed landed) {
        this.schema = mirror.schema();
        this.events = Landing.events(mirror.table());
        this.lacking = List.copyOf(landed.unavailable());
    }

    /** The columns that some event lacks, for a person. */
    String names() {
        return lacking.toString();
    }

    /** One row for each key: its columns, {@link KeyedFold#LIVE}, and what is known of each lacking column instead of its value. */
    String fold() {
        return "SELECT "
                + SqlText.list(schema.columns(), column -> {
                    String name = quote(column.name());
                    if (schema.key().contains(column.name())) {
                        return name;
                    }
                    if (!lacking.contains(column.name())) {
                        return "arg_max_null(" + name + ", " + EVENT + ") AS " + name;
                    }
                    String sent = "NOT coalesce(list_contains(" + MASK + ", " + literal(column.name()) + "), false)";
                    return "arg_max({'value': " + name + ", 'sent': " + OP + " <> 'd' AND " + sent + "}, " + EVENT
                            + ") FILTER (WHERE " + OP + " IN ('c', 'd') OR " + sent + ") AS " + known(column.name());
                })
                + ", arg_max(" + OP + ", " + EVENT + ") <> 'd' AS " + LIVE + " FROM " + events + " GROUP BY "
                + SqlText.quoted(schema.key());
    }

    /** A column of the result. */
    String value(String fold, String mirror, Column column) {
        String name = quote(column.name());
        if (!lacking.contains(column.name())) {
            return fold + "." + name;
        }
        String known = fold + "." + known(column.name());
        return "CASE WHEN " + known + " IS NULL THEN " + mirror + "." + name + " ELSE " + known + ".value END AS "
                + name;
    }

    /** The condition that a value of a row is nowhere. */
    String lost(String fold, String notInMirror) {
        return lacking.stream()
                .map(column -> {
                    String known = fold + "." + known(column);
                    return "CASE WHEN " + known + " IS NULL THEN " + notInMirror + " ELSE NOT " + known + ".sent END";
                })
                .collect(Collectors.joining(" OR "));
    }

    private String known(String column) {
        return "_freshet_known_" + lacking.indexOf(column);
    }
}

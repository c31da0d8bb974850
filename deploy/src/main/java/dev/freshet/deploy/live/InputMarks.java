package dev.freshet.deploy.live;

import dev.freshet.state.Connection;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.database.Database;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.database.QueryResult;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A mark on each table that is another one after the table changed. PostgreSQL counts the rows that are inserted, updated and deleted, and gives a table that is
 * truncated or written anew another file; it does not for views and foreign tables. DuckDB tells nothing of the kind. What has no mark may have changed.
 */
final class InputMarks {

    private InputMarks() {}

    /**
     * @return by table; those that can't be marked or do not exist are left out
     * @throws dev.freshet.state.FreshetException when the output can't be asked
     */
    static Map<TableId, String> of(Connection output, Collection<TableId> tables) {
        return marks(
                output,
                tables,
                "concat_ws(' ', c.oid, pg_relation_filenode(c.oid), pg_stat_get_tuples_inserted(c.oid),"
                        + " pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid))");
    }

    /** A mark that stays as long as it is the same table, whatever its rows. */
    static Map<TableId, String> identities(Connection output, Collection<TableId> tables) {
        return marks(output, tables, "c.oid::text");
    }

    private static Map<TableId, String> marks(Connection output, Collection<TableId> tables, String mark) {
        if (!output.type().equals("postgres") || tables.isEmpty()) {
            return Map.of();
        }
        String names = tables.stream()
                .map(table -> "(" + literal(table.schema()) + ", " + literal(table.name()) + ")")
                .distinct()
                .collect(Collectors.joining(", "));
        Map<TableId, String> marks = new HashMap<>();
        try (Databases databases = Databases.connecting()) {
            Database database = databases.of(output).orElseThrow();
            QueryResult found = database.query("select n.nspname::text, c.relname::text, " + mark
                    + " from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'm')"
                    + " and (n.nspname, c.relname) in (" + names + ")");
            found.rows()
                    .forEach(row -> marks.put(
                            new TableId(output.name(), String.valueOf(row.get(0)), String.valueOf(row.get(1))),
                            String.valueOf(row.get(2))));
        }
        return marks;
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}

package dev.freshet.state.duckdb;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds few rows in a large table by several columns of which any may be NULL. DuckDB looks up the rows of such a join in none of them: it unpacks all columns
 * of the whole table. So the table is narrowed by one column before, the one by which the few rows differ most (a million groups of two columns, 600 looked
 * for: 6 instead of 24 ms).
 *
 * @param column of the few, quoted
 * @param few a relation with the rows that are looked for
 * @param rows how many these are
 * @param unknown whether one of them has no value in it
 */
record LookupColumn(String column, String few, long rows, boolean unknown) {

    /** From how many rows of a table on finding the column costs less than it saves. */
    static final long WORTHWHILE = 200_000;

    /**
     * Finds the column.
     *
     * @param few a relation, and maybe a WHERE
     * @param columns quoted, one at least
     */
    static LookupColumn of(Session session, String few, List<String> columns) throws SQLException {
        List<String> counts = new ArrayList<>(List.of("count(*)"));
        for (String column : columns) {
            counts.add("count(" + column + ")");
            counts.add("count(DISTINCT " + column + ")");
        }
        long[] counted = session.numbers(
                Planning.AS_WRITTEN, "SELECT " + String.join(", ", counts) + " FROM " + few, counts.size());
        int most = 0;
        for (int i = 1; i < columns.size(); i++) {
            if (counted[2 + 2 * i] > counted[2 + 2 * most]) {
                most = i;
            }
        }
        return new LookupColumn(columns.get(most), few, counted[0], counted[1 + 2 * most] < counted[0]);
    }

    /**
     * A query for all rows of a table that may be equal to one of the few, and maybe for others.
     *
     * @param selected of each row
     */
    String among(String table, String selected) {
        String rows = "SELECT " + selected + " FROM " + table + " WHERE " + column;
        return rows + " IN (SELECT " + column + " FROM " + few + ")"
                + (unknown ? " UNION ALL " + rows + " IS NULL" : "");
    }

    /**
     * A relation with all rows of a table, and their row numbers, that may be equal to one of a few in all of some columns: narrowed where that is worth it.
     *
     * @param rows how many the table has, about
     */
    static String narrowed(Session session, String table, long rows, String few, List<String> columns)
            throws SQLException {
        return rows < WORTHWHILE || columns.size() < 2
                ? table
                : "(" + of(session, few, columns).among(table, "*, rowid") + ")";
    }
}

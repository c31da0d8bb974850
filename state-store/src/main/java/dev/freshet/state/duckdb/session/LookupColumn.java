package dev.freshet.state.duckdb.session;

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
public record LookupColumn(String column, String few, long rows, boolean unknown) {

    /** From how many rows of a table on finding the column costs less than it saves. */
    public static final long WORTHWHILE = 200_000;

    /** Among fewer different values than this, columns that differ as much are told apart by what they can hold. */
    private static final long FEW_VALUES = 10;

    /**
     * Numbers and times that are long to write have many values, as a rule, and are quick to look through; then come texts with a digit in them, which identify
     * something, and the longer ones of the others; truth values are two.
     */
    private static final String PROMISE =
            "max(CASE typeof(%1$s) WHEN 'BOOLEAN' THEN 0 WHEN 'VARCHAR' THEN least(length(%1$s::VARCHAR), 40)"
                    + " + CASE WHEN regexp_matches(%1$s::VARCHAR, '[0-9]') THEN 50 ELSE 0 END"
                    + " ELSE 100 + length(%1$s::VARCHAR) END)";

    /**
     * Finds the column.
     *
     * @param few a relation, and maybe a WHERE
     * @param columns quoted, one at least
     */
    public static LookupColumn of(Session session, String few, List<String> columns) throws SQLException {
        List<String> counts = new ArrayList<>(List.of("count(*)"));
        for (String column : columns) {
            counts.add("count(" + column + ")");
            counts.add("count(DISTINCT " + column + ")");
            counts.add("coalesce(" + PROMISE.formatted(column) + ", 0)");
        }
        long[] counted = session.numbers(
                Planning.AS_WRITTEN, "SELECT " + String.join(", ", counts) + " FROM " + few, counts.size());
        int most = 0;
        for (int i = 1; i < columns.size(); i++) {
            long more = counted[2 + 3 * i] - counted[2 + 3 * most];
            if (more > 0
                    || more == 0 && counted[2 + 3 * i] < FEW_VALUES && counted[3 + 3 * i] > counted[3 + 3 * most]) {
                most = i;
            }
        }
        return new LookupColumn(columns.get(most), few, counted[0], counted[1 + 3 * most] < counted[0]);
    }

    /**
     * A query for all rows of a table that may be equal to one of the few, and maybe for others.
     *
     * @param selected of each row
     */
    public String among(String table, String selected) {
        String rows = "SELECT " + selected + " FROM " + table + " WHERE " + column;
        return rows + " IN (SELECT " + column + " FROM " + few + ")"
                + (unknown ? " UNION ALL " + rows + " IS NULL" : "");
    }

    /**
     * A relation with all rows of a table, and their row numbers, that may be equal to one of a few in all of some columns: narrowed where that is worth it.
     *
     * @param rows how many the table has, about
     */
    public static String narrowed(Session session, String table, long rows, String few, List<String> columns)
            throws SQLException {
        return rows < WORTHWHILE || columns.size() < 2
                ? table
                : "(" + of(session, few, columns).among(table, "*, rowid") + ")";
    }
}

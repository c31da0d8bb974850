package dev.freshet.state;

import java.util.List;

/**
 * How a history-keeping model takes the rows of another run in: dbt's incremental strategies. What it holds is never computed anew, so rows that
 * the query no longer gives stay.
 *
 * @param first the query that is run when nothing is stored yet
 * @param continued the query that is run afterwards; it may read the model itself
 * @param key the columns by which rows are found again; empty for {@link Strategy#APPEND}
 * @param merged which columns a merge overwrites in rows that are there already
 * @param onSchemaChange what becomes of the stored columns when the query gives others
 */
public record Accumulation(
        Strategy strategy,
        String first,
        String continued,
        List<String> key,
        MergedColumns merged,
        OnSchemaChange onSchemaChange) {

    public Accumulation {
        key = List.copyOf(key);
        if (strategy == Strategy.APPEND ? !key.isEmpty() : key.isEmpty()) {
            throw new IllegalArgumentException(strategy + " with key " + key);
        }
        if (strategy != Strategy.MERGE && !merged.equals(MergedColumns.ALL)) {
            throw new IllegalArgumentException(strategy + " that merges " + merged);
        }
    }

    /** What is done with the rows of a run. As in SQL, a key that holds a NULL equals no other. */
    public enum Strategy {
        /** They are added. */
        APPEND,
        /** They replace the row of their key, or are added. The key identifies a row, before and after. */
        MERGE,
        /** All rows that share a key with them go, then they are added. The key may be that of many rows, a day for example. */
        DELETE_INSERT
    }

    /** dbt's {@code on_schema_change}. */
    public enum OnSchemaChange {
        /** Further columns are left out. */
        IGNORE,
        /** The run fails. */
        FAIL,
        /** Further columns are added, NULL in the rows that are there; columns that are no longer given stay, NULL in new rows. */
        APPEND_NEW_COLUMNS,
        /** The stored columns become those of the query, in its types. */
        SYNC_ALL_COLUMNS
    }

    /**
     * dbt's {@code merge_update_columns} and {@code merge_exclude_columns}, of which at most one is given.
     *
     * @param only empty for all columns but the excluded ones
     */
    public record MergedColumns(List<String> only, List<String> except) {
        public static final MergedColumns ALL = new MergedColumns(List.of(), List.of());

        public MergedColumns {
            only = List.copyOf(only);
            except = List.copyOf(except);
            if (!only.isEmpty() && !except.isEmpty()) {
                throw new IllegalArgumentException("columns to update and columns to leave are both given");
            }
        }
    }

    /** What identifies a stored row: empty for a bag. */
    public List<String> uniqueKey() {
        return strategy == Strategy.MERGE ? key : List.of();
    }
}

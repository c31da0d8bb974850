package dev.freshet.state.duckdb.session;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The temporary tables that cycles work with. They stay for as long as the session and are emptied instead of made anew, so that DuckDB keeps the plans of
 * statements over them ({@link Planning#AS_WRITTEN}).
 */
public final class WorkingTables {

    /** Rows of no use that they may have. */
    private static final long MOST_DISCARDED = 100_000;

    private final Session session;
    /** What each was made after. */
    private final Map<String, String> made = new HashMap<>();

    private long discarded;

    WorkingTables(Session session) {
        this.session = session;
    }

    /**
     * Has a table ready that is empty.
     *
     * @param definition its columns
     */
    public void empty(String table, String definition) throws SQLException {
        if (!ready(table, definition)) {
            discard(table);
        }
    }

    /**
     * Has a table ready, with whatever it holds.
     *
     * @return whether it was made now
     */
    public boolean ready(String table, String definition) throws SQLException {
        return ready(table, definition, "(" + definition + ")");
    }

    /** As {@link #empty(String, String)}, with the columns that a query has. */
    public void emptyLike(String table, String query) throws SQLException {
        if (!ready(table, query, "AS SELECT * FROM (" + query + ") LIMIT 0")) {
            discard(table);
        }
    }

    private boolean ready(String table, String after, String contents) throws SQLException {
        if (after.equals(made.get(table))) {
            return false;
        }
        session.execute("CREATE OR REPLACE TEMP TABLE " + table + " " + contents);
        made.put(table, after);
        return true;
    }

    /** Frees what a table holds, if it was made. */
    public void free(String table) throws SQLException {
        if (made.containsKey(table)) {
            discard(table);
        }
    }

    private void discard(String table) throws SQLException {
        discarded += session.update(Planning.AS_WRITTEN, "DELETE FROM " + table);
    }

    /** It is not needed any more, or its name for something else. */
    public void drop(String table) throws SQLException {
        made.remove(table);
        session.execute("DROP TABLE IF EXISTS " + table);
    }

    /** They may have been undone, or may not have the columns of what they were made after any more: each is made anew when it is needed. */
    public void forget() {
        made.clear();
    }

    /** Runs what ends a transaction: drops a table or a view, or empties a working table. */
    public void cleanUp(String sql) throws SQLException {
        if (sql.startsWith("DELETE ")) {
            discarded += session.update(sql);
        } else {
            session.execute(sql);
        }
    }

    /**
     * Between transactions: removes the rows that tables were emptied of, once they are many. They stay in memory, and every scan passes them, until DuckDB
     * writes a checkpoint of its temporary tables, which it does by itself only with the threshold that keeps it from stalling for the store's own.
     */
    public void sweep() throws SQLException {
        if (discarded > MOST_DISCARDED) {
            discarded = 0;
            session.execute("CHECKPOINT temp");
        }
    }
}

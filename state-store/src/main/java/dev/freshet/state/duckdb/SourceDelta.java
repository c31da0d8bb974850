package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.KeyedFold.LIVE;
import static dev.freshet.state.duckdb.Landing.BASE;
import static dev.freshet.state.duckdb.Landing.EVENTS;
import static dev.freshet.state.duckdb.Landing.OP;
import static dev.freshet.state.duckdb.Landing.POISON;
import static dev.freshet.state.duckdb.SqlText.ROW;
import static dev.freshet.state.duckdb.SqlText.ROW_HASH;
import static dev.freshet.state.duckdb.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.TableDelta;
import java.sql.SQLException;

/**
 * Compares what a fold says with a mirror, brings the mirror there and leaves the difference in a temporary table, {@link dev.freshet.state.StateNames#delta}: {@link
 * SqlText#WEIGHT}, the table's columns and {@link SqlText#ROW_HASH}. Rows whose hash did not change are no part of it.
 */
final class SourceDelta {

    static final String HITS = "freshet_hits";
    static final String BAG = "freshet_bag";
    static final String NET = "freshet_net";
    static final String GONE = "freshet_gone";

    private static final String REPLACED = "_freshet_replaced_";

    private final Session session;
    private final Mirror mirror;
    private final String delta;
    private final String columns;
    private String kind = "";
    private long noOps;

    SourceDelta(Session session, Mirror mirror, String delta) {
        this.session = session;
        this.mirror = mirror;
        this.delta = delta;
        this.columns = SqlText.names(mirror.schema().columns());
    }

    /** The mirror was empty: it becomes the live rows of a keyed fold, and is its own delta. */
    TableDelta fillKeyed(String folded) throws SQLException {
        return fill("SELECT " + columns + ", " + ROW_HASH + " FROM " + folded + " WHERE " + LIVE);
    }

    /** The mirror was empty: it becomes the sound rows of a keyless base. */
    TableDelta fillKeyless() throws SQLException {
        return fill("SELECT " + columns + ", " + ROW_HASH + " FROM " + BASE + " WHERE " + POISON + " IS NULL");
    }

    private TableDelta fill(String rows) throws SQLException {
        session.execute(into() + " " + rows);
        return wholeMirror(0);
    }

    /** The delta of a mirror whose shape changed: everything in it came. */
    TableDelta wholeMirror(long before) throws SQLException {
        kind = "VIEW";
        session.execute("CREATE OR REPLACE TEMP VIEW " + delta + " AS SELECT 1::BIGINT AS " + WEIGHT + ", * FROM "
                + mirror.physical());
        return delta(before, session.number("SELECT count(*) FROM " + mirror.physical()));
    }

    /** The fold speaks of some keys; the others stay. */
    TableDelta keyedChanges(String folded) throws SQLException {
        return keyed(
                "SELECT f.*, m.rowid AS " + ROW + ", " + replaced() + " FROM " + folded + " f LEFT JOIN "
                        + mirror.physical() + " m ON "
                        + SqlText.sameKey("m", "f", mirror.schema().key()) + " WHERE CASE WHEN f." + LIVE + " THEN m."
                        + ROW_HASH
                        + " IS DISTINCT FROM f."
                        + ROW_HASH + " ELSE m.rowid IS NOT NULL END",
                "(SELECT count(*) FROM " + folded + ") - count(*)");
    }

    /** Keys that were changed and came out as they were. */
    long noOps() {
        return noOps;
    }

    /** The fold is the whole table; keys it does not speak of go. */
    TableDelta keyedContents(String folded) throws SQLException {
        return keyed(
                "SELECT f.* REPLACE (coalesce(f." + LIVE + ", false) AS " + LIVE + "), m." + ROW + ", " + replaced()
                        + " FROM (SELECT * FROM "
                        + folded + " WHERE " + LIVE
                        + ") f FULL JOIN (SELECT *, rowid AS " + ROW + " FROM " + mirror.physical() + ") m ON "
                        + SqlText.sameKey("m", "f", mirror.schema().key())
                        + " WHERE m." + ROW_HASH + " IS DISTINCT FROM f." + ROW_HASH,
                "0");
    }

    /** @param unchanged an expression over {@link #HITS} */
    private TableDelta keyed(String hits, String unchanged) throws SQLException {
        session.execute("CREATE OR REPLACE TEMP TABLE " + HITS + " AS " + hits);
        long[] counts = session.numbers(
                "SELECT count(" + ROW + "), count(CASE WHEN " + LIVE + " THEN 1 END), " + unchanged + " FROM " + HITS,
                3);
        noOps = counts[2];
        if (counts[0] + counts[1] == 0) {
            return delta(0, 0);
        }
        String leaving = "SELECT -1::BIGINT AS " + WEIGHT + ", "
                + SqlText.list(mirror.schema().columns(), column -> replaced(column) + " AS " + quote(column.name()))
                + ", " + REPLACED + ROW_HASH + " AS " + ROW_HASH + " FROM " + HITS + " WHERE " + ROW + " IS NOT NULL";
        String coming =
                "SELECT 1::BIGINT AS " + WEIGHT + ", " + columns + ", " + ROW_HASH + " FROM " + HITS + " WHERE " + LIVE;
        createDelta(counts[0] == 0 ? coming : counts[1] == 0 ? leaving : leaving + " UNION ALL " + coming);
        if (counts[0] > 0) {
            session.execute("DELETE FROM " + mirror.physical() + " WHERE rowid IN (SELECT " + ROW + " FROM " + HITS
                    + " WHERE " + ROW + " IS NOT NULL)");
        }
        if (counts[1] > 0) {
            session.execute(into() + " SELECT " + columns + ", " + ROW_HASH + " FROM " + HITS + " WHERE " + LIVE);
        }
        return delta(counts[0], counts[1]);
    }

    /** The mirror's row of a key, beside what the fold says of it. */
    private String replaced() {
        return SqlText.list(
                        mirror.schema().columns(), column -> "m." + quote(column.name()) + " AS " + replaced(column))
                + ", m." + ROW_HASH + " AS " + REPLACED + ROW_HASH;
    }

    private String replaced(Column column) {
        return REPLACED + mirror.schema().columns().indexOf(column);
    }

    /** Adds and takes single rows. */
    TableDelta keylessChanges() throws SQLException {
        return keyless(events(), "SELECT " + ROW_HASH + ", " + WEIGHT + " FROM " + BAG);
    }

    /** The base with its changes, or after a truncation the changes alone, are the whole table. */
    TableDelta keylessContents(boolean withBase) throws SQLException {
        String base = withBase
                ? "SELECT 1::BIGINT AS " + WEIGHT + ", " + columns + ", " + ROW_HASH + " FROM " + BASE + " WHERE "
                        + POISON + " IS NULL"
                : "";
        String events = events();
        return keyless(
                withBase ? base + " UNION ALL " + events : events,
                "SELECT " + ROW_HASH + ", " + WEIGHT + " FROM " + BAG + " UNION ALL SELECT " + ROW_HASH + ", -1 FROM "
                        + mirror.physical());
    }

    private String events() {
        return "SELECT CASE WHEN " + OP + " = 'd' THEN -1 ELSE 1 END::BIGINT AS " + WEIGHT + ", " + columns + ", "
                + RowHash.sql(mirror.schema().columns()) + " AS " + ROW_HASH + " FROM " + EVENTS + " WHERE " + POISON
                + " IS NULL";
    }

    private TableDelta keyless(String bag, String signed) throws SQLException {
        session.execute("CREATE OR REPLACE TEMP TABLE " + BAG + " AS " + bag);
        session.execute(
                "CREATE OR REPLACE TEMP TABLE " + NET + " AS SELECT " + ROW_HASH + ", sum(" + WEIGHT + ")::BIGINT AS "
                        + WEIGHT + " FROM (" + signed + ") GROUP BY " + ROW_HASH + " HAVING sum(" + WEIGHT + ") <> 0");
        long[] counts = session.numbers(
                "SELECT -sum(least(" + WEIGHT + ", 0)), sum(greatest(" + WEIGHT + ", 0)) FROM " + NET, 2);
        if (counts[0] + counts[1] == 0) {
            return delta(0, 0);
        }
        if (counts[0] > 0) {
            session.execute("CREATE OR REPLACE TEMP TABLE " + GONE + " AS SELECT m." + ROW + " FROM (SELECT rowid AS "
                    + ROW + ", " + ROW_HASH
                    + ", row_number() OVER (PARTITION BY " + ROW_HASH + ") AS copy FROM " + mirror.physical()
                    + " WHERE " + ROW_HASH
                    + " IN (SELECT " + ROW_HASH + " FROM " + NET + " WHERE " + WEIGHT + " < 0)) m JOIN " + NET
                    + " n ON n." + ROW_HASH + " = m."
                    + ROW_HASH + " WHERE m.copy <= -n." + WEIGHT);
            if (session.number("SELECT count(*) FROM " + GONE) != counts[0]) {
                throw new ReloadNeededException(
                        mirror.table(), "rows were deleted at the source that its mirror does not hold");
            }
        }
        String leaving = "SELECT -1::BIGINT AS " + WEIGHT + ", " + columns + ", " + ROW_HASH + " FROM "
                + mirror.physical() + " WHERE rowid IN (SELECT " + ROW + " FROM " + GONE + ")";
        String coming = "SELECT n." + WEIGHT + ", "
                + SqlText.list(
                        mirror.schema().columns(),
                        column -> "any_value(b." + quote(column.name()) + ") AS " + quote(column.name()))
                + ", n." + ROW_HASH + " FROM " + BAG + " b JOIN " + NET + " n ON n." + ROW_HASH + " = b." + ROW_HASH
                + " WHERE n." + WEIGHT
                + " > 0 GROUP BY n." + ROW_HASH + ", n." + WEIGHT;
        createDelta(counts[0] == 0 ? coming : counts[1] == 0 ? leaving : leaving + " UNION ALL " + coming);
        if (counts[0] > 0) {
            session.execute(
                    "DELETE FROM " + mirror.physical() + " WHERE rowid IN (SELECT " + ROW + " FROM " + GONE + ")");
        }
        if (counts[1] > 0) {
            session.execute(into() + " SELECT " + columns + ", " + ROW_HASH + " FROM (SELECT *, unnest(range(" + WEIGHT
                    + ")) FROM " + delta + " WHERE " + WEIGHT + " > 0)");
        }
        return delta(counts[0], counts[1]);
    }

    private void createDelta(String rows) throws SQLException {
        session.execute("CREATE TEMP TABLE " + delta + " AS " + rows);
        kind = "TABLE";
    }

    /** A reshaped mirror has its hash between older and newer columns. */
    private String into() {
        return "INSERT INTO " + mirror.physical() + " (" + columns + ", " + ROW_HASH + ")";
    }

    /** The statement that removes the temporary table, empty when there is none. */
    String cleanup() {
        return kind.isEmpty() ? "" : "DROP " + kind + " " + delta;
    }

    private TableDelta delta(long deleted, long inserted) {
        return new TableDelta(mirror.table(), mirror.schema(), deleted, inserted, false);
    }
}

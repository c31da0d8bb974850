package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.KeyedFold.LIVE;
import static dev.freshet.state.duckdb.mirror.Landing.BASE;
import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.mirror.Landing.POISON;
import static dev.freshet.state.duckdb.sql.SqlText.ROW;
import static dev.freshet.state.duckdb.sql.SqlText.ROW_HASH;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.TableDelta;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares what a fold says with a mirror, brings the mirror there and leaves the difference as {@link dev.freshet.state.StateNames#delta}: {@link
 * SqlText#WEIGHT}, the table's columns and {@link SqlText#ROW_HASH}. Rows whose hash did not change are no part of it.
 *
 * <p>Few rows change in most cycles, so what costs is statements: a keyed table takes one to compare, one to count and two to apply.
 */
final class SourceDelta {

    private static final String BAG = "temp.freshet_bag_";
    private static final String NET = "temp.freshet_net";
    private static final String GONE = "temp.freshet_gone";

    private static final String REPLACED = "_freshet_replaced_";
    private static final String CHANGED = "_freshet_changed";
    private static final String LOST = "_freshet_lost";

    private final Session session;
    private final Mirror mirror;
    private final String delta;
    private final String columns;
    private final String definitions;
    /** The keys that changes speak of, beside their rows in the mirror. */
    private final String hits;

    private final String bag;
    private final List<String> cleanups = new ArrayList<>();
    private long noOps;
    private String gone = "";
    private String came = "";

    SourceDelta(Session session, Mirror mirror, String delta) {
        this.session = session;
        this.mirror = mirror;
        this.delta = delta;
        this.columns = SqlText.names(mirror.schema().columns());
        this.definitions = SqlText.definitions(mirror.schema().columns()) + ", " + ROW_HASH + " UHUGEINT";
        this.hits = "temp.freshet_hits_" + mirror.id();
        this.bag = BAG + mirror.id();
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
        new VariedTexts(session).prepare(mirror, "(" + rows + ")");
        session.execute(into() + " " + rows);
        return wholeMirror(0);
    }

    /** The delta of a mirror whose shape changed: everything in it came. */
    TableDelta wholeMirror(long before) throws SQLException {
        session.working().drop(delta);
        session.execute("CREATE OR REPLACE TEMP VIEW " + delta + " AS SELECT 1::BIGINT AS " + WEIGHT + ", * FROM "
                + mirror.physical());
        cleanups.add(0, "DROP VIEW IF EXISTS " + delta);
        return delta(before, session.number("SELECT count(*) FROM " + mirror.physical()));
    }

    /**
     * The fold speaks of some keys; the others stay.
     *
     * @param keys a relation with these keys
     */
    TableDelta keyedChanges(String folded, String keys, Optional<String> atHand) throws SQLException {
        return keyed(
                "SELECT " + folded("f.") + ", f." + LIVE + ", m." + ROW + ", " + replaced() + ", "
                        + changed("f.", "m." + ROW, "m." + ROW_HASH) + " AS " + CHANGED + " FROM " + folded
                        + " f LEFT JOIN " + atHand.orElseGet(() -> rowsOf(keys)) + " m ON "
                        + SqlText.sameKey("m", "f", mirror.schema().key()),
                "",
                atHand.isPresent() ? Planning.AS_WRITTEN : Planning.OPTIMIZED);
    }

    /**
     * The mirror's rows, those of certain keys among them. By a key of several columns DuckDB looks up the rows of a join in none of them and unpacks every
     * column of the table; column by column it passes by the other rows (ten million rows of eleven columns: 60 instead of 250 ms).
     */
    private String rowsOf(String keys) {
        List<String> key = mirror.schema().key();
        return "(SELECT *, rowid AS " + ROW + " FROM " + mirror.physical()
                + (key.size() == 1
                        ? ""
                        : key.stream()
                                .map(SqlText::quote)
                                .map(column -> column + " IN (SELECT " + column + " FROM " + keys + ")")
                                .collect(Collectors.joining(" AND ", " WHERE ", "")))
                + ")";
    }

    /** As {@link #keyedChanges}, for a fold whose lacking values the mirror's rows have. */
    TableDelta keyedChanges(LackingValues lacking, Optional<String> atHand) throws SQLException {
        List<Column> all = mirror.schema().columns();
        String joined = "SELECT " + SqlText.list(all, column -> lacking.value("f", "m", column)) + ", f." + LIVE
                + ", m." + ROW + ", " + replaced() + ", f." + LIVE + " AND ("
                + lacking.lost("f", "m." + ROW + " IS NULL") + ") AS " + LOST + " FROM (" + lacking.fold()
                + ") f LEFT JOIN "
                + atHand.orElseGet(() -> rowsOf(Landing.events(mirror.table()))) + " m ON "
                + SqlText.sameKey("m", "f", mirror.schema().key());
        return keyed(
                "SELECT *, " + changed("", ROW, REPLACED + ROW_HASH) + " AS " + CHANGED + " FROM (SELECT *, "
                        + RowHash.sql(all) + " AS " + ROW_HASH + " FROM (" + joined + "))",
                lacking.names(),
                atHand.isPresent() ? Planning.AS_WRITTEN : Planning.OPTIMIZED);
    }

    private String folded(String fold) {
        return SqlText.list(mirror.schema().columns(), column -> fold + quote(column.name())) + ", " + fold + ROW_HASH;
    }

    private static String changed(String fold, String row, String before) {
        return "CASE WHEN " + fold + LIVE + " THEN " + before + " IS DISTINCT FROM " + fold + ROW_HASH + " ELSE " + row
                + " IS NOT NULL END";
    }

    /** Of a keyed table: a query for the numbers of the mirror's rows that went, which can be run until the transaction ends. */
    String gone() {
        return gone;
    }

    /** Of a keyed table: a query for the rows that came. */
    String came() {
        return came;
    }

    /** Keys that were changed and came out as they were. */
    long noOps() {
        return noOps;
    }

    /** The fold is the whole table; keys it does not speak of go. */
    TableDelta keyedContents(String folded) throws SQLException {
        return keyed(
                "SELECT " + folded("f.") + ", coalesce(f." + LIVE + ", false) AS " + LIVE + ", m." + ROW + ", "
                        + replaced() + ", true AS " + CHANGED + " FROM (SELECT * FROM "
                        + folded + " WHERE " + LIVE
                        + ") f FULL JOIN (SELECT *, rowid AS " + ROW + " FROM " + mirror.physical() + ") m ON "
                        + SqlText.sameKey("m", "f", mirror.schema().key())
                        + " WHERE m." + ROW_HASH + " IS DISTINCT FROM f." + ROW_HASH,
                "",
                Planning.OPTIMIZED);
    }

    /** @param lacking the columns whose values may be {@link #LOST}, for a person; empty when none can be */
    private TableDelta keyed(String compared, String lacking, Planning planning) throws SQLException {
        String found = lacking.isEmpty() ? hits : hits + "_lacking";
        session.working()
                .empty(
                        found,
                        definitions + ", " + LIVE + " BOOLEAN, " + ROW + " BIGINT, "
                                + SqlText.list(
                                        mirror.schema().columns(),
                                        column -> replaced(column) + " "
                                                + column.type().sql())
                                + ", " + REPLACED + ROW_HASH
                                + " UHUGEINT, " + (lacking.isEmpty() ? "" : LOST + " BOOLEAN, ") + CHANGED
                                + " BOOLEAN");
        session.update(planning, "INSERT INTO " + found + " BY NAME " + compared);
        long[] counts = session.numbers(
                Planning.AS_WRITTEN,
                "SELECT count(" + ROW + ") FILTER (WHERE " + CHANGED + "), count(*) FILTER (WHERE " + CHANGED + " AND "
                        + LIVE + "), count(*) FILTER (WHERE NOT " + CHANGED + "), count(*)"
                        + (lacking.isEmpty() ? "" : ", count(*) FILTER (WHERE " + LOST + ")") + " FROM " + found,
                lacking.isEmpty() ? 4 : 5);
        if (!lacking.isEmpty() && counts[4] > 0) {
            throw new ReloadNeededException(
                    mirror.table(),
                    "a change did not carry the value of one of the columns " + lacking
                            + " and no earlier image of the row has it");
        }
        noOps = counts[2];
        if (counts[3] > Session.LARGE) {
            cleanups.add("DELETE FROM " + found);
        }
        String leaves = " FROM " + found + " WHERE " + CHANGED + " AND " + ROW + " IS NOT NULL";
        String live = " FROM " + found + " WHERE " + CHANGED + " AND " + LIVE;
        String comes = columns + ", " + ROW_HASH + live;
        gone = "SELECT " + ROW + leaves;
        came = "SELECT " + columns + live;
        if (counts[0] + counts[1] == 0) {
            return delta(0, 0);
        }
        beginDelta(counts[0] + counts[1]);
        if (counts[0] > 0) {
            toDelta("SELECT -1, " + SqlText.list(mirror.schema().columns(), this::replaced) + ", " + REPLACED + ROW_HASH
                    + leaves);
            session.update(
                    Planning.OPTIMIZED,
                    "DELETE FROM " + mirror.physical() + " WHERE rowid IN (SELECT " + ROW + leaves + ")");
        }
        if (counts[1] > 0) {
            toDelta("SELECT 1, " + comes);
            toMirror("SELECT " + comes);
        }
        return delta(counts[0], counts[1]);
    }

    private void beginDelta(long rows) throws SQLException {
        session.working().empty(delta, WEIGHT + " BIGINT, " + definitions);
        if (rows > Session.LARGE) {
            cleanups.add("DELETE FROM " + delta);
        }
    }

    private void toDelta(String rows) throws SQLException {
        session.update(Planning.AS_WRITTEN, "INSERT INTO " + delta + " " + rows);
    }

    private void toMirror(String rows) throws SQLException {
        session.update(Planning.AS_WRITTEN, into() + " " + rows);
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

    /** Adds single rows, all of them sound. */
    TableDelta keylessInserts(long rows) throws SQLException {
        beginDelta(rows);
        toDelta(events());
        toMirror("SELECT " + columns + ", " + ROW_HASH + " FROM " + delta);
        return delta(0, rows);
    }

    /** Adds and takes single rows. */
    TableDelta keylessChanges() throws SQLException {
        return keyless(events(), "SELECT " + ROW_HASH + ", " + WEIGHT + " FROM " + bag);
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
                "SELECT " + ROW_HASH + ", " + WEIGHT + " FROM " + bag + " UNION ALL SELECT " + ROW_HASH + ", -1 FROM "
                        + mirror.physical());
    }

    private String events() {
        return "SELECT CASE WHEN " + OP + " = 'd' THEN -1 ELSE 1 END::BIGINT AS " + WEIGHT + ", " + columns + ", "
                + RowHash.sql(mirror.schema().columns()) + " AS " + ROW_HASH + " FROM " + Landing.events(mirror.table())
                + " WHERE " + POISON
                + " IS NULL";
    }

    private TableDelta keyless(String rows, String net) throws SQLException {
        session.working().empty(bag, WEIGHT + " BIGINT, " + definitions);
        long read = session.update(Planning.OPTIMIZED, "INSERT INTO " + bag + " " + rows);
        session.working().empty(NET, ROW_HASH + " UHUGEINT, " + WEIGHT + " BIGINT");
        session.update(
                Planning.OPTIMIZED,
                "INSERT INTO " + NET + " SELECT " + ROW_HASH + ", sum(" + WEIGHT + ")::BIGINT AS " + WEIGHT + " FROM ("
                        + net + ") GROUP BY " + ROW_HASH + " HAVING sum(" + WEIGHT + ") <> 0");
        long[] counts = session.numbers(
                Planning.AS_WRITTEN,
                "SELECT -sum(least(" + WEIGHT + ", 0)), sum(greatest(" + WEIGHT + ", 0)) FROM " + NET,
                2);
        if (counts[0] + counts[1] > 0) {
            applyNet(counts[0], counts[1]);
        }
        if (read > Session.LARGE) {
            session.working().free(bag);
            session.working().free(NET);
            session.working().free(GONE);
        }
        return delta(counts[0], counts[1]);
    }

    private void applyNet(long deleted, long inserted) throws SQLException {
        beginDelta(deleted + inserted);
        if (deleted > 0) {
            session.working().empty(GONE, ROW + " BIGINT");
            long found = session.update(
                    Planning.OPTIMIZED,
                    "INSERT INTO " + GONE + " SELECT m." + ROW + " FROM (SELECT rowid AS " + ROW + ", " + ROW_HASH
                            + ", row_number() OVER (PARTITION BY " + ROW_HASH + ") AS copy FROM " + mirror.physical()
                            + " WHERE " + ROW_HASH + " IN (SELECT " + ROW_HASH + " FROM " + NET + " WHERE " + WEIGHT
                            + " < 0)) m JOIN " + NET + " n ON n." + ROW_HASH + " = m." + ROW_HASH
                            + " WHERE m.copy <= -n." + WEIGHT);
            if (found != deleted) {
                throw new ReloadNeededException(
                        mirror.table(), "rows were deleted at the source that its mirror does not hold");
            }
            String gone = mirror.physical() + " WHERE rowid IN (SELECT " + ROW + " FROM " + GONE + ")";
            session.update(
                    Planning.OPTIMIZED,
                    "INSERT INTO " + delta + " SELECT -1, " + columns + ", " + ROW_HASH + " FROM " + gone);
            session.update(Planning.OPTIMIZED, "DELETE FROM " + gone);
        }
        if (inserted > 0) {
            toDelta("SELECT n." + WEIGHT + ", "
                    + SqlText.list(mirror.schema().columns(), column -> "any_value(b." + quote(column.name()) + ")")
                    + ", n." + ROW_HASH + " FROM " + bag + " b JOIN " + NET + " n ON n." + ROW_HASH + " = b." + ROW_HASH
                    + " WHERE n." + WEIGHT + " > 0 GROUP BY n." + ROW_HASH + ", n." + WEIGHT);
            toMirror("SELECT " + columns + ", " + ROW_HASH + " FROM (SELECT *, unnest(range(" + WEIGHT + ")) FROM "
                    + delta + " WHERE " + WEIGHT + " > 0)");
        }
    }

    /** A reshaped mirror has its hash between older and newer columns. */
    private String into() {
        return "INSERT INTO " + mirror.physical() + " (" + columns + ", " + ROW_HASH + ")";
    }

    /** The statements that remove what the transaction needs no longer at its end. */
    List<String> cleanups() {
        return cleanups;
    }

    private TableDelta delta(long deleted, long inserted) {
        return new TableDelta(mirror.table(), mirror.schema(), deleted, inserted, false);
    }
}

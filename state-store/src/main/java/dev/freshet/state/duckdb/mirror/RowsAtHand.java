package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.ROW;
import static dev.freshet.state.duckdb.sql.SqlText.ROW_HASH;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rows of keyed source tables that a transaction finds in one pass: those that its changes are compared with, and those that models will look for by a column of
 * the key. Which these are, earlier transactions tell, in which models asked.
 */
public final class RowsAtHand {

    /** With more values or rows than this the pass is not what costs. */
    public static final long MANY = 20_000;

    private record Change(String gone, String came) {}

    private record Collected(Mirror mirror, String column, Set<ChangedValues> values) {}

    private final Session session;
    private final KnownTables known;
    private final List<String> cleanups;
    private final Map<TableId, Collected> collected = new HashMap<>();
    private final Map<TableId, Change> changes = new HashMap<>();
    /** Of which the rows as they are now can be read. */
    private final Set<TableId> ready = new HashSet<>();

    /** @param cleanups receives the statements that end the transaction */
    public RowsAtHand(Session session, KnownTables known, List<String> cleanups) {
        this.session = session;
        this.known = known;
        this.cleanups = cleanups;
    }

    /**
     * Collects the rows that the changes of a table speak of, with those that models will look for.
     *
     * @param column that they will be looked for by, one of the key
     * @param keys a relation with the keys that the changes speak of
     * @param values queries for what will be looked for, or more, as far as it is known
     * @return a relation of these rows and their {@link SqlText#ROW} numbers; empty when they are too many
     */
    Optional<String> collect(Mirror mirror, Column column, String keys, Map<ChangedValues, String> values)
            throws SQLException {
        String name = collectedOf(mirror);
        if (known.findsMany(name)) {
            return Optional.empty();
        }
        Set<String> looked = new TreeSet<>(values.values());
        looked.add("SELECT " + quote(column.name()) + " FROM " + keys);
        session.working()
                .empty(
                        name,
                        SqlText.definitions(mirror.schema().columns()) + ", " + ROW_HASH + " UHUGEINT, " + ROW
                                + " BIGINT");
        long rows = session.update(
                Planning.OPTIMIZED,
                "INSERT INTO " + name + " BY NAME SELECT *, rowid AS " + ROW + " FROM " + mirror.physical() + " WHERE "
                        + quote(column.name()) + " IN (" + String.join(" UNION ALL ", looked) + ") LIMIT "
                        + (MANY + 1));
        if (rows > MANY) {
            known.foundMany(name);
            cleanups.add("DELETE FROM " + name);
            return Optional.empty();
        }
        collected.put(mirror.table(), new Collected(mirror, column.name(), Set.copyOf(values.keySet())));
        return Optional.of(name);
    }

    /**
     * A table was compared and has kept its shape: what was collected of it, if anything was, can be told as it is now.
     *
     * @param gone a query for the {@link SqlText#ROW} numbers of rows that went; it and the next can be run until the transaction ends
     * @param came a query for the rows that came
     */
    void changed(TableId table, String gone, String came) {
        changes.put(table, new Change(gone, came));
    }

    /** As {@link dev.freshet.state.RowMaintenance#atHand} says. */
    public Optional<String> relation(TableId table, String column, List<ChangedValues> values) throws SQLException {
        known.expect(table, column, values);
        Collected rows = collected.get(table);
        Change change = changes.get(table);
        if (rows == null
                || change == null
                || !rows.column().equals(column)
                || !rows.values().containsAll(values)) {
            return Optional.empty();
        }
        known.usedExpected(table, column);
        String name = "temp." + quote("rows at hand of " + StateNames.relation(table));
        if (ready.add(table)) {
            String columns = SqlText.names(rows.mirror().schema().columns());
            session.working()
                    .empty(name, SqlText.definitions(rows.mirror().schema().columns()));
            long found = session.update(
                    Planning.AS_WRITTEN,
                    "INSERT INTO " + name + " SELECT " + columns + " FROM " + collectedOf(rows.mirror())
                            + " h ANTI JOIN (" + change.gone() + ") g ON g." + ROW + " = h." + ROW + " UNION ALL "
                            + change.came());
            if (found > MANY) {
                cleanups.add("DELETE FROM " + name);
            }
        }
        return Optional.of(name);
    }

    private static String collectedOf(Mirror mirror) {
        return "temp.freshet_at_hand_" + mirror.id();
    }
}

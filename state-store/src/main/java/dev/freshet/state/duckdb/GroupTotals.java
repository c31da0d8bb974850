package dev.freshet.state.duckdb;

import static dev.freshet.state.RowMaintenance.ADDEND;
import static dev.freshet.state.RowMaintenance.COUNT;
import static dev.freshet.state.RowMaintenance.GROUP;
import static dev.freshet.state.RowMaintenance.SUM;
import static dev.freshet.state.RowMaintenance.VALUES;
import static dev.freshet.state.duckdb.SqlText.ROW;
import static dev.freshet.state.duckdb.SqlText.WEIGHT;

import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Totals;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The counts and sums of a model's groups, in a table of their own, {@code freshet_groups.g<id of the output>}. They are true as long as every change of the
 * output goes through them: any other way of computing it calls {@link #forget}.
 */
final class GroupTotals {

    private static final String SCHEMA = "freshet_groups";
    private static final String BEFORE = "_freshet_before_";

    private final Session session;
    private final Catalog catalog;
    private final KnownTables known;

    GroupTotals(Session session, Catalog catalog, KnownTables known) {
        this.session = session;
        this.catalog = catalog;
        this.known = known;
    }

    static String table(Output output) {
        return SCHEMA + ".g" + output.id();
    }

    /** The groups that change, as they were and as they are. */
    private static String touched(Output output) {
        return "temp.freshet_touched_" + output.id();
    }

    /** Under what the catalog remembers which text the totals belong to. */
    private static String memory(Output output) {
        return "totals of " + output.id();
    }

    /** Whether the totals are those of this text and of the output's rows. */
    boolean isKept(Output output, Totals totals) {
        return catalog.recall(memory(output)).equals(text(totals));
    }

    private static String text(Totals totals) {
        return totals.groups() + " " + totals.addends() + " " + totals.all();
    }

    /** The output is about to be changed in another way. The table stays, empty: making and dropping tables makes DuckDB plan everything again. */
    void forget(Output output) throws SQLException {
        if (!catalog.recall(memory(output)).isEmpty()) {
            session.execute("DELETE FROM " + table(output));
            catalog.remember(memory(output), "");
        }
    }

    /** Makes the totals of all rows. */
    void make(Output output, Totals totals) throws SQLException {
        catalog.remember(memory(output), text(totals));
        if (known.hasTotals(output, text(totals))) {
            session.execute("DELETE FROM " + table(output));
            known.groups(output, session.update("INSERT INTO " + table(output) + " " + summed(totals, totals.all())));
            return;
        }
        forgetWorking(output);
        session.execute("CREATE SCHEMA IF NOT EXISTS " + SCHEMA);
        session.execute("CREATE OR REPLACE TABLE " + table(output) + " AS " + summed(totals, totals.all()));
        new VariedTexts(session).settle(table(output));
        known.totals(output, text(totals));
    }

    /** The output is dropped. */
    void drop(Output output) throws SQLException {
        catalog.remember(memory(output), "");
        forgetWorking(output);
        session.execute("CREATE SCHEMA IF NOT EXISTS " + SCHEMA);
        session.execute("DROP TABLE IF EXISTS " + table(output));
    }

    /** Takes totals that were made elsewhere of the rows that the output has now. */
    void takeOver(Output output, Totals totals, String relation) throws SQLException {
        session.execute("CREATE SCHEMA IF NOT EXISTS " + SCHEMA);
        session.execute("CREATE OR REPLACE TABLE " + table(output) + " AS SELECT * FROM " + relation);
        new VariedTexts(session).settle(table(output));
        forgetWorking(output);
        catalog.remember(memory(output), text(totals));
    }

    /**
     * Adds the changes up and takes them into the totals.
     *
     * @return how many groups changed; empty when more rows would leave a group than it has: nothing is changed then
     */
    OptionalLong merge(Output output, Totals totals) throws SQLException {
        Planning planning = Planning.over(groups(output));
        String touched = touched(output);
        session.working().emptyLike(touched, compared(output, totals, table(output)));
        Touched counts = fill(
                touched,
                compared(output, totals, "(" + summed(totals, totals.changes()) + ")"),
                totals.reads() == Reads.LITTLE ? planning : Planning.OPTIMIZED);
        if (counts.groups() == 0) {
            return OptionalLong.of(0);
        }
        if (counts.impossible() > 0) {
            return OptionalLong.empty();
        }
        if (counts.existing() > 0) {
            session.update(
                    planning,
                    "DELETE FROM " + table(output) + " WHERE rowid IN (SELECT " + ROW + " FROM " + touched + ")");
        }
        long inserted = session.update(
                Planning.AS_WRITTEN,
                "INSERT INTO " + table(output) + " SELECT " + String.join(", ", all(totals, "")) + " FROM " + touched
                        + existing(totals, ""));
        known.groups(output, groups(output) - counts.existing() + inserted);
        return OptionalLong.of(counts.groups());
    }

    /**
     * How many groups change.
     *
     * @param existing those that were there
     * @param impossible those that more rows leave than they have
     */
    private record Touched(long groups, long existing, long impossible) {}

    private Touched fill(String touched, String query, Planning how) throws SQLException {
        String filled = "INSERT INTO " + touched + " " + query;
        if (how == Planning.AS_WRITTEN) {
            long[] counts = new long[3];
            session.each(filled + " RETURNING " + ROW + " IS NOT NULL, " + COUNT + " < 0", row -> {
                counts[0]++;
                counts[1] += row.getBoolean(1) ? 1 : 0;
                counts[2] += row.getBoolean(2) ? 1 : 0;
            });
            return new Touched(counts[0], counts[1], counts[2]);
        }
        long groups = session.update(filled);
        if (groups == 0) {
            return new Touched(0, 0, 0);
        }
        long[] counts = session.numbers(
                Planning.AS_WRITTEN,
                "SELECT count(" + ROW + "), count(CASE WHEN " + COUNT + " < 0 THEN 1 END) FROM " + touched,
                2);
        return new Touched(groups, counts[0], counts[1]);
    }

    /**
     * The query for what is added beside the groups that it is added to. The few build the side of the join that is looked up.
     *
     * @param added a relation with the columns of {@link #table}
     */
    private static String compared(Output output, Totals totals, String added) {
        String same = totals.groups() == 0
                ? "true"
                : each(totals.groups(), i -> "s." + GROUP + i + " IS NOT DISTINCT FROM d." + GROUP + i)
                        .collect(Collectors.joining(" AND "));
        List<String> columns = new ArrayList<>();
        each(totals.groups(), i -> "d." + GROUP + i).forEach(columns::add);
        columns.add("s.rowid AS " + ROW);
        for (String number : numbers(totals)) {
            columns.add("s." + number + " AS " + BEFORE + number);
            columns.add("coalesce(s." + number + ", 0) + d." + number + " AS " + number);
        }
        String changed =
                numbers(totals).stream().map(number -> "d." + number + " <> 0").collect(Collectors.joining(" OR "));
        return "SELECT " + String.join(", ", columns) + " FROM " + table(output) + " s RIGHT JOIN " + added + " d ON "
                + same + " WHERE " + changed;
    }

    private long groups(Output output) throws SQLException {
        OptionalLong before = known.groups(output);
        if (before.isPresent()) {
            return before.getAsLong();
        }
        long counted = session.number("SELECT count(*) FROM " + table(output));
        known.groups(output, counted);
        return counted;
    }

    /** The touched groups as they were, as a query with the columns of {@link dev.freshet.state.RowMaintenance#GROUPS}. */
    static String before(Output output, Totals totals) {
        return "SELECT " + String.join(", ", all(totals, BEFORE)) + " FROM " + touched(output) + " WHERE " + ROW
                + " IS NOT NULL";
    }

    /** The touched groups as they are. */
    static String after(Output output, Totals totals) {
        return "SELECT " + String.join(", ", all(totals, "")) + " FROM " + touched(output) + existing(totals, "");
    }

    /** Frees what a large change took. */
    void emptyWorking(Output output) throws SQLException {
        session.working().free(touched(output));
    }

    /** They have the columns of the totals, which are about to be made anew. */
    private void forgetWorking(Output output) throws SQLException {
        session.working().drop(touched(output));
        known.forgetTotals(output);
    }

    private static String existing(Totals totals, String prefix) {
        return totals.groups() == 0 ? "" : " WHERE " + prefix + COUNT + " > 0";
    }

    private static List<String> all(Totals totals, String prefix) {
        List<String> columns =
                new ArrayList<>(each(totals.groups(), i -> GROUP + i).toList());
        numbers(totals).forEach(number -> columns.add(prefix.isEmpty() ? number : prefix + number + " AS " + number));
        return columns;
    }

    private static List<String> numbers(Totals totals) {
        List<String> numbers = new ArrayList<>(List.of(COUNT));
        for (int i = 0; i < totals.addends(); i++) {
            numbers.add(SUM + i);
            numbers.add(VALUES + i);
        }
        return numbers;
    }

    /** Sums keep the type that the engine's own sum has. */
    static String summed(Totals totals, String rows) {
        List<String> columns =
                new ArrayList<>(each(totals.groups(), i -> GROUP + i).toList());
        columns.add("coalesce(sum(" + WEIGHT + "), 0)::BIGINT AS " + COUNT);
        for (int i = 0; i < totals.addends(); i++) {
            String addend = ADDEND + i;
            columns.add("coalesce(sum(" + addend + ") FILTER (WHERE " + WEIGHT + " > 0), 0) - coalesce(sum(" + addend
                    + ") FILTER (WHERE " + WEIGHT + " < 0), 0) AS " + SUM + i);
            columns.add("coalesce(sum(" + WEIGHT + ") FILTER (WHERE " + addend + " IS NOT NULL), 0)::BIGINT AS "
                    + VALUES + i);
        }
        String groups = each(totals.groups(), i -> GROUP + i).collect(Collectors.joining(", "));
        return "SELECT " + String.join(", ", columns) + " FROM (" + rows + ")"
                + (groups.isEmpty() ? "" : " GROUP BY " + groups);
    }

    private static java.util.stream.Stream<String> each(int count, IntFunction<String> text) {
        return IntStream.range(0, count).mapToObj(text);
    }
}

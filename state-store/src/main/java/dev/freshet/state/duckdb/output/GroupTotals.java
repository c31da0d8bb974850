package dev.freshet.state.duckdb.output;

import static dev.freshet.state.RowMaintenance.ADDEND;
import static dev.freshet.state.RowMaintenance.COUNT;
import static dev.freshet.state.RowMaintenance.GROUP;
import static dev.freshet.state.RowMaintenance.SUM;
import static dev.freshet.state.RowMaintenance.VALUES;
import static dev.freshet.state.duckdb.sql.SqlText.ROW;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Sums;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.mirror.VariedTexts;
import dev.freshet.state.duckdb.session.LookupColumn;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The counts and sums of a model's groups, in tables of their own, {@code freshet_groups.g<id of the output>} and, where there are several, more with a number behind.
 * They are true as long as every change of the output goes through them: any other way of computing it calls {@link #forget}.
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

    /** @param number the place of the sums among those of the model */
    static String table(Output output, int number) {
        return SCHEMA + "." + name(output, number);
    }

    private static String name(Output output, int number) {
        return "g" + output.id() + (number == 0 ? "" : "_" + number);
    }

    /** The groups that change, as they were and as they are. */
    private static String touched(Output output, int number) {
        return "temp.freshet_touched_" + output.id() + (number == 0 ? "" : "_" + number);
    }

    private static String added(String touched) {
        return touched + "_added";
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
        return totals.sums().stream()
                .map(sums -> sums.groups() + " " + sums.addends() + " " + sums.all())
                .collect(Collectors.joining("; "));
    }

    /** The output is about to be changed in another way. The tables stay, empty: making and dropping tables makes DuckDB plan everything again. */
    void forget(Output output) throws SQLException {
        if (!catalog.recall(memory(output)).isEmpty()) {
            for (String table : tables(output)) {
                session.execute("DELETE FROM " + SCHEMA + "." + table);
            }
            catalog.remember(memory(output), "");
        }
    }

    private List<String> tables(Output output) throws SQLException {
        return session.rows(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = '" + SCHEMA
                        + "' AND (table_name = ? OR starts_with(table_name, ?)) ORDER BY table_name",
                row -> row.getString(1),
                name(output, 0),
                name(output, 0) + "_");
    }

    /** Makes the totals of all rows. */
    void make(Output output, Totals totals) throws SQLException {
        catalog.remember(memory(output), text(totals));
        boolean there = known.hasTotals(output, text(totals));
        if (!there) {
            dropTables(output);
        }
        for (int i = 0; i < totals.sums().size(); i++) {
            Sums sums = totals.sums().get(i);
            String table = table(output, i);
            if (there) {
                session.execute("DELETE FROM " + table);
                known.groups(table, session.update("INSERT INTO " + table + " " + summed(sums, sums.all())));
            } else {
                session.execute("CREATE TABLE " + table + " AS " + summed(sums, sums.all()));
                new VariedTexts(session).settle(table);
            }
        }
        known.totals(output, text(totals));
    }

    /** The output is dropped. */
    void drop(Output output) throws SQLException {
        catalog.remember(memory(output), "");
        dropTables(output);
    }

    private void dropTables(Output output) throws SQLException {
        session.execute("CREATE SCHEMA IF NOT EXISTS " + SCHEMA);
        for (String table : tables(output)) {
            session.execute("DROP TABLE " + SCHEMA + "." + table);
        }
        forgetWorking(output);
    }

    /** Takes totals that were made elsewhere of the rows that the output has now. */
    void takeOver(Output output, Totals totals, List<String> relations) throws SQLException {
        dropTables(output);
        for (int i = 0; i < relations.size(); i++) {
            session.execute("CREATE TABLE " + table(output, i) + " AS SELECT * FROM " + relations.get(i));
            new VariedTexts(session).settle(table(output, i));
        }
        catalog.remember(memory(output), text(totals));
    }

    /**
     * Adds the changes up and takes them into the totals.
     *
     * @return how many groups changed; empty when more rows would leave a group than it has: nothing is kept then
     */
    OptionalLong merge(Output output, Totals totals) throws SQLException {
        long changed = 0;
        for (int i = 0; i < totals.sums().size(); i++) {
            OptionalLong touched = merge(output, i, totals.sums().get(i));
            if (touched.isEmpty()) {
                forget(output);
                return touched;
            }
            changed += touched.getAsLong();
        }
        return OptionalLong.of(changed);
    }

    private OptionalLong merge(Output output, int number, Sums sums) throws SQLException {
        if (sums.changes().isEmpty()) {
            return OptionalLong.of(0);
        }
        String table = table(output, number);
        Planning planning = Planning.over(groups(table));
        String touched = touched(output, number);
        session.working().emptyLike(touched, compared(table, table, sums));
        boolean lookedUp = groups(table) >= LookupColumn.WORTHWHILE && sums.groups() > 1;
        boolean planned = sums.reads() == Reads.LITTLE && planning == Planning.OPTIMIZED;
        Touched counts = lookedUp || planned
                ? fillInTwo(touched, table, sums)
                : fill(
                        touched,
                        compared(table, "(" + summed(sums, sums.changes()) + ")", sums),
                        sums.reads() == Reads.LITTLE ? planning : Planning.OPTIMIZED);
        if (counts.groups() == 0) {
            return OptionalLong.of(0);
        }
        if (counts.impossible() > 0) {
            return OptionalLong.empty();
        }
        if (counts.existing() > 0) {
            session.update(
                    planning, "DELETE FROM " + table + " WHERE rowid IN (SELECT " + ROW + " FROM " + touched + ")");
        }
        long inserted = session.update(
                Planning.AS_WRITTEN,
                "INSERT INTO " + table + " SELECT " + String.join(", ", all(sums, "")) + " FROM " + touched
                        + existing(sums, ""));
        known.groups(table, groups(table) - counts.existing() + inserted);
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

    /** Adds the changes up first, by themselves: then their groups can be looked up, and no more than that has to be planned where the changes are quick. */
    private Touched fillInTwo(String touched, String table, Sums sums) throws SQLException {
        String added = added(touched);
        session.working().emptyLike(added, "SELECT * FROM " + table);
        long rows = session.update(
                sums.reads() == Reads.LITTLE ? Planning.AS_WRITTEN : Planning.OPTIMIZED,
                "INSERT INTO " + added + " " + summed(sums, sums.changes()));
        String among = LookupColumn.narrowed(
                session,
                table,
                groups(table),
                added,
                each(sums.groups(), i -> GROUP + i).toList());
        Touched counts = fill(touched, compared(among, added, sums), Planning.OPTIMIZED);
        if (rows > Session.LARGE) {
            session.working().free(added);
        }
        return counts;
    }

    /**
     * The query for what is added beside the groups that it is added to. The few build the side of the join that is looked up.
     *
     * @param table the groups, or those of them that it may be added to
     * @param added a relation with the columns of the table
     */
    private static String compared(String table, String added, Sums sums) {
        String same = sums.groups() == 0
                ? "true"
                : each(sums.groups(), i -> "s." + GROUP + i + " IS NOT DISTINCT FROM d." + GROUP + i)
                        .collect(Collectors.joining(" AND "));
        List<String> columns = new ArrayList<>();
        each(sums.groups(), i -> "d." + GROUP + i).forEach(columns::add);
        columns.add("s.rowid AS " + ROW);
        for (String number : numbers(sums)) {
            columns.add("s." + number + " AS " + BEFORE + number);
            columns.add("coalesce(s." + number + ", 0) + d." + number + " AS " + number);
        }
        String changed =
                numbers(sums).stream().map(number -> "d." + number + " <> 0").collect(Collectors.joining(" OR "));
        return "SELECT " + String.join(", ", columns) + " FROM " + table + " s RIGHT JOIN " + added + " d ON " + same
                + " WHERE " + changed;
    }

    private long groups(String table) throws SQLException {
        OptionalLong before = known.groups(table);
        if (before.isPresent()) {
            return before.getAsLong();
        }
        long counted = session.number("SELECT count(*) FROM " + table);
        known.groups(table, counted);
        return counted;
    }

    /** The touched groups of a model that has one table of them as they were, as a query with the columns of {@link dev.freshet.state.RowMaintenance#groups}. */
    static String before(Output output, Totals totals) {
        return "SELECT " + String.join(", ", all(totals.sums().get(0), BEFORE)) + " FROM " + touched(output, 0)
                + " WHERE " + ROW + " IS NOT NULL";
    }

    /** The same groups as they are. */
    static String after(Output output, Totals totals) {
        Sums sums = totals.sums().get(0);
        return "SELECT " + String.join(", ", all(sums, "")) + " FROM " + touched(output, 0) + existing(sums, "");
    }

    /** Frees what a large change took. */
    void emptyWorking(Output output, Totals totals) throws SQLException {
        for (int i = 0; i < totals.sums().size(); i++) {
            session.working().free(touched(output, i));
        }
    }

    /** They have the columns of the totals, which are about to be made anew. */
    private void forgetWorking(Output output) throws SQLException {
        for (int i = 0; i < RowMaintenance.MOST_SUMS; i++) {
            session.working().drop(touched(output, i));
            session.working().drop(added(touched(output, i)));
            known.forgetGroups(table(output, i));
        }
        known.forgetTotals(output);
    }

    private static String existing(Sums sums, String prefix) {
        return sums.groups() == 0 ? "" : " WHERE " + prefix + COUNT + " > 0";
    }

    private static List<String> all(Sums sums, String prefix) {
        List<String> columns =
                new ArrayList<>(each(sums.groups(), i -> GROUP + i).toList());
        numbers(sums).forEach(number -> columns.add(prefix.isEmpty() ? number : prefix + number + " AS " + number));
        return columns;
    }

    private static List<String> numbers(Sums sums) {
        List<String> numbers = new ArrayList<>(List.of(COUNT));
        for (int i = 0; i < sums.addends(); i++) {
            numbers.add(SUM + i);
            numbers.add(VALUES + i);
        }
        return numbers;
    }

    /** Sums keep the type that the engine's own sum has. */
    static String summed(Sums sums, String rows) {
        List<String> columns =
                new ArrayList<>(each(sums.groups(), i -> GROUP + i).toList());
        columns.add("coalesce(sum(" + WEIGHT + "), 0)::BIGINT AS " + COUNT);
        for (int i = 0; i < sums.addends(); i++) {
            String addend = ADDEND + i;
            columns.add("coalesce(sum(" + addend + ") FILTER (WHERE " + WEIGHT + " > 0), 0) - coalesce(sum(" + addend
                    + ") FILTER (WHERE " + WEIGHT + " < 0), 0) AS " + SUM + i);
            columns.add("coalesce(sum(" + WEIGHT + ") FILTER (WHERE " + addend + " IS NOT NULL), 0)::BIGINT AS "
                    + VALUES + i);
        }
        String groups = each(sums.groups(), i -> GROUP + i).collect(Collectors.joining(", "));
        return "SELECT " + String.join(", ", columns) + " FROM (" + rows + ")"
                + (groups.isEmpty() ? "" : " GROUP BY " + groups);
    }

    private static java.util.stream.Stream<String> each(int count, IntFunction<String> text) {
        return IntStream.range(0, count).mapToObj(text);
    }
}

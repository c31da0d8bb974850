package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedColumns;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ColumnTypes;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings staged files into the store as rows of the declared types: the changes, numbered in source order, into {@link #events}; a base as the
 * view {@link #BASE}.
 *
 * <p>A value that can't be had in its declared type although staging wrote it (JSON that DuckDB's reader refuses, such as an unpaired
 * surrogate) makes its row a poison row.
 */
public final class Landing {

    /** The columns of the table, {@link #POISON} and {@link SqlText#ROW_HASH}. */
    public static final String BASE = "freshet_base";

    /** The number of an event, from 1 without gaps before a truncation removes some. */
    public static final String EVENT = StagedVersions.EVENT;

    /** What a change does, in the letters of {@link StagedVersions#OP}. */
    public static final String OP = StagedVersions.OP;
    /** The reason, NULL for a sound row. */
    public static final String POISON = "_freshet_poison";
    /** The names of the columns that were not sent. */
    public static final String MASK = "_freshet_mask";

    /**
     * What the landed changes are like.
     *
     * @param partial events that were not sent whole
     * @param unavailable the columns that were not sent in some event
     * @param moves whether a row came to another key
     * @param partialMoves whether one came without all of its values
     * @param deletes events that take a row away
     * @param truncated whether a truncation retracts everything that was there before; what precedes it has been removed
     */
    record Landed(
            long events,
            long partial,
            Set<String> unavailable,
            boolean truncated,
            boolean poison,
            boolean moves,
            boolean partialMoves,
            long deletes) {
        static final Landed NOTHING = new Landed(0, 0, Set.of(), false, false, false, false, 0);
    }

    private final Session session;
    private final StagedTable staged;
    private final TableSchema schema;
    private final KnownTables known;

    /** The relation of a table's changes: its columns, and {@link #EVENT}, {@link #OP}, {@link #POISON} and {@link #MASK}. */
    static String events(TableId table) {
        return "temp." + quote("events of " + StateNames.relation(table));
    }

    /** Of one table of a batch; nothing is read yet. */
    public Landing(Session session, StagedTable staged, KnownTables known) {
        this.session = session;
        this.known = known;
        this.staged = staged;
        this.schema = staged.schema();
    }

    /** @param after only changes beyond this ordinal count */
    Landed changes(long after) throws SQLException {
        String table = events(staged.table());
        session.working()
                .empty(
                        table,
                        EVENT + " BIGINT, " + OP + " VARCHAR, " + POISON + " VARCHAR, " + MASK + " VARCHAR[], "
                                + SqlText.definitions(schema.columns()));
        if (staged.files().isEmpty()) {
            return Landed.NOTHING;
        }
        session.execute("INSERT INTO " + table + " " + inOrder("", after));
        long[] facts = session.numbers(
                Planning.AS_WRITTEN,
                "SELECT count(*), count(" + MASK + "), max(CASE WHEN " + OP + " = 't' THEN " + EVENT + " END), count("
                        + POISON + "), count(CASE WHEN " + OP + " = 'm' THEN 1 END), count(CASE WHEN " + OP
                        + " = 'd' THEN 1 END), count(CASE WHEN " + OP + " = 'm' THEN " + MASK + " END) FROM " + table,
                7);
        long events = facts[0];
        if (facts[2] > 0) {
            session.execute("DELETE FROM " + table + " WHERE " + EVENT + " <= " + facts[2]);
            events = session.number("SELECT count(*) FROM " + table);
        }
        Set<String> unavailable = facts[1] == 0 ? Set.of() : unavailable();
        return new Landed(
                events, facts[1], unavailable, facts[2] > 0, facts[3] > 0, facts[4] > 0, facts[6] > 0, facts[5]);
    }

    /** All changes, truncations and what precedes them too, with their places in the source's history. For {@link Versions}. */
    void versions(String into, long after) throws SQLException {
        session.execute("CREATE OR REPLACE TEMP TABLE " + into + " AS "
                + inOrder(
                        ", " + staged(StagedColumns.POSITION) + "::BIGINT AS " + StagedVersions.POSITION + ", "
                                + staged(StagedColumns.SEQUENCE) + "::BIGINT AS " + StagedVersions.SEQUENCE + ", "
                                + staged(StagedColumns.COMMITTED_AT) + "::TIMESTAMPTZ AS " + StagedVersions.AT,
                        after));
    }

    /** The staged changes beyond an ordinal, numbered. */
    private String inOrder(String places, long after) throws SQLException {
        Map<String, String> types = changeTypes();
        return "SELECT row_number() OVER (ORDER BY " + staged(StagedColumns.POSITION) + ", "
                + staged(StagedColumns.SEQUENCE) + ") AS " + EVENT + ", " + staged(StagedColumns.OP) + "::VARCHAR AS "
                + OP + ", " + poison(types) + " AS " + POISON + ", " + mask(types) + " AS " + MASK + places + ", "
                + columns(types) + " FROM " + SqlText.readParquet(staged.files()) + " WHERE "
                + staged(StagedColumns.POSITION) + " > " + after + " AND " + staged(StagedColumns.POSITION) + " <= "
                + staged.through().ordinal() + " AND " + staged(StagedColumns.OP) + " <> 'r'" + unseen();
    }

    /** Makes {@link #BASE} stand for the base's rows. */
    public void base(StagedBase base) throws SQLException {
        if (base.files().isEmpty()) {
            session.execute("CREATE OR REPLACE TEMP VIEW " + BASE + " AS SELECT " + columns(Map.of())
                    + ", NULL::VARCHAR AS " + POISON + ", 0::UHUGEINT AS " + SqlText.ROW_HASH + " LIMIT 0");
            return;
        }
        Map<String, String> types = types(base.files());
        String from = " FROM " + SqlText.readParquet(base.files()) + " WHERE " + staged(StagedColumns.OP)
                + " = 'r' AND " + staged(StagedColumns.LOAD) + " = " + base.load();
        String once = "";
        if (schema.isKeyed()) {
            // A key can be read twice when a load resumed; checking costs far less than always keeping the newest.
            String key = "(" + SqlText.quoted(schema.key()) + ")";
            if (session.number("SELECT count(*) - count(DISTINCT " + key + ")" + from) > 0) {
                once = " QUALIFY row_number() OVER (PARTITION BY " + SqlText.quoted(schema.key()) + " ORDER BY "
                        + staged(StagedColumns.POSITION) + " DESC, " + staged(StagedColumns.SEQUENCE) + " DESC) = 1";
            }
        }
        session.execute("CREATE OR REPLACE TEMP VIEW " + BASE + " AS SELECT *, " + RowHash.sql(schema.columns())
                + " AS " + SqlText.ROW_HASH + " FROM (SELECT " + columns(types) + ", " + poison(types) + " AS " + POISON
                + from + once + ")");
    }

    /**
     * Staging's files of one table and shape are alike, so the first says it for all that follow. A shape that comes again after another is looked at
     * again: what is known ends when a mirror is reshaped.
     */
    private Map<String, String> changeTypes() throws SQLException {
        Map<String, String> before = known.types(staged.table(), schema);
        if (!before.isEmpty()) {
            return before;
        }
        Map<String, String> found = types(staged.files());
        known.types(staged.table(), schema, found);
        return found;
    }

    /** DuckDB's types of the files' columns, by lower-cased name. */
    private Map<String, String> types(List<Path> files) throws SQLException {
        Map<String, String> types = new HashMap<>();
        for (Session.ResultColumn column : session.describe("SELECT * FROM " + SqlText.readParquet(files))) {
            types.put(column.name().toLowerCase(Locale.ROOT), column.type());
        }
        return types;
    }

    private String columns(Map<String, String> types) {
        return SqlText.list(schema.columns(), column -> typed(column, types) + " AS " + quote(column.name()));
    }

    private static String typed(Column column, Map<String, String> types) {
        String declared = column.type().sql();
        String found = types.get(column.name().toLowerCase(Locale.ROOT));
        String name = quote(column.name());
        if (found == null) {
            return "NULL::" + declared;
        }
        if (ColumnTypes.isCalled(column.type(), found)) {
            return name;
        }
        if (ColumnTypes.holdsJson(column.type())) {
            return "TRY_CAST(" + name + " AS " + declared + ")";
        }
        return name + "::" + declared;
    }

    private String poison(Map<String, String> types) {
        String reasons = schema.columns().stream()
                .filter(column -> ColumnTypes.holdsJson(column.type())
                        && types.containsKey(column.name().toLowerCase(Locale.ROOT)))
                .map(column -> ", CASE WHEN " + quote(column.name()) + " IS NOT NULL AND " + typed(column, types)
                        + " IS NULL THEN " + literal("column \"" + column.name() + "\" holds JSON that can't be read")
                        + " END")
                .collect(Collectors.joining());
        String staged =
                types.containsKey(StagedColumns.POISON) ? staged(StagedColumns.POISON) + "::VARCHAR" : "NULL::VARCHAR";
        return reasons.isEmpty() ? staged : "coalesce(" + staged + reasons + ")";
    }

    private static String mask(Map<String, String> types) {
        return types.containsKey(StagedColumns.UNAVAILABLE)
                ? "from_json(" + staged(StagedColumns.UNAVAILABLE) + "::VARCHAR, '[\"VARCHAR\"]')"
                : "NULL::VARCHAR[]";
    }

    /** A keyless base must not count a row twice: leaves out the changes of transactions that it shows. */
    private String unseen() {
        if (schema.isKeyed()
                || staged.base().isEmpty()
                || staged.base().get().snapshot().isEmpty()) {
            return "";
        }
        TransactionSnapshot shown = staged.base().get().snapshot().get();
        String tx = staged(StagedColumns.TX);
        String running = shown.inProgress().isEmpty()
                ? ""
                : " OR " + tx + " IN ("
                        + shown.inProgress().stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")";
        return " AND " + tx + " >= " + shown.xmin() + " AND (" + tx + " >= " + shown.xmax() + running + ")";
    }

    private Set<String> unavailable() throws SQLException {
        Set<String> named = new LinkedHashSet<>(session.rows(
                "SELECT DISTINCT unnest(" + MASK + ") FROM " + events(staged.table()), row -> row.getString(1)));
        Set<String> known = new LinkedHashSet<>();
        for (Column column : schema.columns()) {
            if (named.contains(column.name())) {
                known.add(column.name());
            }
        }
        return known;
    }

    private static String staged(String column) {
        return quote(column);
    }
}

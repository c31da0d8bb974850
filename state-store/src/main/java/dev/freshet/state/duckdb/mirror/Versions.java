package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.Landing.MASK;
import static dev.freshet.state.duckdb.mirror.Landing.POISON;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Every image that a batch gives the rows of a keyed table, where folding keeps the last one only. A value that an event did not carry is that of the nearest
 * event before it of the same row, else that of the row before the batch: the one that left the mirror, or the one that is still there. A row that
 * moved to another key takes what its new image lacks from the one that it left.
 */
public final class Versions {

    private static final String RAW = "freshet_version_events";
    private static final String KNOWN = "freshet_version_values";
    private static final String SEGMENT = "_freshet_segment";
    private static final String FIRST = "_freshet_first_op";

    /** Who knows the rows as they were before the first event. */
    public enum Before {
        /** {@link StateNames#delta} and, where it has nothing of a row, the mirror. */
        DELTA,
        /** No row has changed, so the mirror. */
        MIRROR,
        NOBODY
    }

    private final Session session;
    private final StagedTable staged;
    private final TableSchema schema;
    private final KnownTables known;
    private final Mirror mirror;
    private final Before before;

    /** @param mirror as it is after the batch */
    public Versions(Session session, StagedTable staged, KnownTables known, Mirror mirror, Before before) {
        this.session = session;
        this.staged = staged;
        this.schema = staged.schema();
        this.known = known;
        this.mirror = mirror;
        this.before = before;
    }

    /** @param cursor what earlier transactions have taken */
    public StagedVersions stage(SourcePosition cursor) throws SQLException {
        boolean loaded = staged.base().isPresent();
        long after = loaded
                ? staged.base().get().start().ordinal()
                : Math.max(staged.after().ordinal(), cursor.ordinal());
        if (staged.files().isEmpty()) {
            return new StagedVersions(0, loaded, staged.through());
        }
        new Landing(session, staged, known).versions(RAW, after);
        List<Column> lacking = lacking();
        if (!lacking.isEmpty()) {
            fill(lacking);
        }
        String values = SqlText.list(
                schema.columns(),
                column -> lacking.contains(column)
                        ? "CASE WHEN " + masked(column) + " THEN k." + value(lacking, column) + ".v ELSE r."
                                + quote(column.name()) + " END AS " + quote(column.name())
                        : "r." + quote(column.name()));
        session.execute("CREATE OR REPLACE TEMP TABLE " + StateNames.versions(staged.table()) + " AS SELECT r."
                + StagedVersions.EVENT + ", CASE WHEN r." + StagedVersions.OP + " IN ('d', 't') THEN r."
                + StagedVersions.OP + " WHEN r." + POISON + " IS NOT NULL THEN 'd' ELSE 'w' END AS "
                + StagedVersions.OP + ", r." + StagedVersions.POSITION + ", r." + StagedVersions.SEQUENCE + ", r."
                + StagedVersions.AT + ", " + values + " FROM " + RAW + " r"
                + (lacking.isEmpty()
                        ? ""
                        : " LEFT JOIN " + KNOWN + " k ON k." + StagedVersions.EVENT + " = r." + StagedVersions.EVENT
                                + " WHERE NOT " + unknown(lacking)));
        requireComplete(lacking);
        long events = session.number("SELECT count(*) FROM " + StateNames.versions(staged.table()));
        session.execute("DROP TABLE IF EXISTS temp." + RAW);
        session.execute("DROP TABLE IF EXISTS temp." + KNOWN);
        return new StagedVersions(events, loaded, staged.through());
    }

    private List<Column> lacking() throws SQLException {
        List<String> names = session.rows(
                "SELECT DISTINCT unnest(" + MASK + ") FROM " + RAW + " WHERE " + StagedVersions.OP + " <> 'd'",
                row -> row.getString(1));
        return schema.columns().stream()
                .filter(column -> names.contains(column.name()))
                .toList();
    }

    private static String value(List<Column> lacking, Column column) {
        return "_freshet_value_" + lacking.indexOf(column);
    }

    private static String masked(Column column) {
        return "coalesce(list_contains(r." + MASK + ", " + literal(column.name()) + "), false)";
    }

    /** A version of which a value is known to nobody. */
    private static String unknown(List<Column> lacking) {
        return "(r." + StagedVersions.OP + " NOT IN ('d', 't') AND r." + POISON + " IS NULL AND ("
                + lacking.stream()
                        .map(column -> "(" + masked(column) + " AND k." + value(lacking, column) + " IS NULL)")
                        .collect(Collectors.joining(" OR "))
                + "))";
    }

    private void requireComplete(List<Column> lacking) throws SQLException {
        if (lacking.isEmpty() || before == Before.NOBODY) {
            return;
        }
        long unknown = session.number("SELECT count(*) FROM " + RAW + " r LEFT JOIN " + KNOWN + " k ON k."
                + StagedVersions.EVENT + " = r." + StagedVersions.EVENT + " WHERE " + unknown(lacking));
        if (unknown > 0) {
            throw new ReloadNeededException(
                    staged.table(),
                    "a change did not carry the value of one of the columns "
                            + lacking.stream().map(Column::name).toList() + " and no earlier image of the row has it");
        }
    }

    /** For each event, what the row's lacking columns hold after it, as far as that is known: a structure, NULL where it is not. */
    private void fill(List<Column> lacking) throws SQLException {
        String key = SqlText.quoted(schema.key());
        String before =
                "lag(" + StagedVersions.OP + ") OVER (PARTITION BY " + key + " ORDER BY " + StagedVersions.EVENT + ")";
        String events = "SELECT *, " + before + " IS NULL AND " + StagedVersions.OP
                + " NOT IN ('c', 'm') AS _freshet_continues, coalesce(" + before + " = 'd' OR " + before
                + " IS NULL OR " + StagedVersions.OP + " IN ('c', 'm'), true) AS _freshet_starts FROM " + RAW
                + " WHERE " + StagedVersions.OP + " <> 't'";
        String segments = "SELECT *, max(CASE WHEN _freshet_starts THEN " + StagedVersions.EVENT
                + " END) OVER (PARTITION BY " + key + " ORDER BY " + StagedVersions.EVENT
                + " ROWS UNBOUNDED PRECEDING) AS " + SEGMENT + " FROM (" + events + ")";
        String opened = "SELECT *, bool_or(_freshet_continues) OVER (PARTITION BY " + key + ", " + SEGMENT + ") AS "
                + FIRST + " FROM (" + segments + ")";
        List<String> values = new ArrayList<>();
        for (Column column : lacking) {
            String name = quote(column.name());
            String sent = "r." + StagedVersions.OP + " <> 'd' AND r." + POISON + " IS NULL AND NOT " + masked(column);
            values.add("coalesce(last_value(CASE WHEN " + sent + " THEN {'v': r." + name
                    + "} END IGNORE NULLS) OVER (PARTITION BY " + SqlText.quoted("r", schema.key()) + ", r." + SEGMENT
                    + " ORDER BY r." + StagedVersions.EVENT + " ROWS UNBOUNDED PRECEDING), CASE WHEN r." + FIRST
                    + " AND b._freshet_there THEN {'v': b." + name + "} END) AS " + value(lacking, column));
        }
        session.execute("CREATE OR REPLACE TEMP TABLE " + KNOWN + " AS SELECT r." + StagedVersions.EVENT + ", r."
                + StagedVersions.OP + ", r." + SEGMENT + ", " + String.join(", ", values) + " FROM (" + opened
                + ") r LEFT JOIN (" + before(lacking) + ") b ON " + SqlText.sameKey("b", "r", schema.key()));
        followMoves(lacking);
    }

    /** The rows as they were before the batch. */
    private String before(List<Column> lacking) {
        String columns = SqlText.quoted(schema.key()) + ", " + SqlText.names(lacking) + ", true AS _freshet_there";
        if (before != Before.DELTA) {
            return "SELECT " + columns + " FROM " + mirror.physical() + (before == Before.NOBODY ? " WHERE false" : "");
        }
        String delta = StateNames.delta(staged.table());
        return "SELECT " + columns + " FROM " + delta + " WHERE " + WEIGHT + " < 0 UNION ALL SELECT " + columns
                + " FROM " + mirror.physical() + " m WHERE NOT EXISTS (SELECT 1 FROM " + delta + " d WHERE "
                + SqlText.sameKey("m", "d", schema.key()) + ")";
    }

    /** From the image that a moved row left, one move at a time: rows seldom move twice in a batch. */
    private void followMoves(List<Column> lacking) throws SQLException {
        for (Column column : lacking) {
            String value = value(lacking, column);
            long followed = 1;
            while (followed > 0) {
                followed = session.update("UPDATE " + KNOWN + " SET " + value + " = p." + value + " FROM " + KNOWN
                        + " o, " + KNOWN + " p WHERE " + KNOWN + "." + SEGMENT + " = o." + StagedVersions.EVENT
                        + " AND o." + StagedVersions.OP + " = 'm' AND p." + StagedVersions.EVENT + " = o."
                        + StagedVersions.EVENT + " - 1 AND " + KNOWN + "." + value + " IS NULL AND p." + value
                        + " IS NOT NULL");
            }
        }
    }
}

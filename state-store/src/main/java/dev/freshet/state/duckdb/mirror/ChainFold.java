package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.Landing.EVENT;
import static dev.freshet.state.duckdb.mirror.Landing.MASK;
import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.mirror.Landing.POISON;
import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Folds events some of which lack values that did not change. Such a value is that of the preceding image of the same row, and a row is a
 * chain of images:
 *
 * <ul>
 *   <li>The events of one key are cut into <em>segments</em>: each begins with an insert, or after a delete, and is one row's life under that
 *       key. Its first image is the one that the table held before, if the key's first event is an update or a delete.
 *   <li>A moved row ({@code m}) links its segment to the one that the directly preceding delete ended. Linked segments are one chain, so a row
 *       that moves several times keeps its values.
 * </ul>
 *
 * <p>For each chain whose last image is the last word on its key, each column is taken from the newest image that has it. Poison images have
 * nothing; a row that lacks a value since a poison image stays poison.
 *
 * <p>A base's image may be newer than the events it is put before: harmless for the same row, since later events set what they change, but
 * not when its key was taken over by another row meanwhile. Such an image is not used, and if nothing else has the value, the table must
 * be loaded again.
 */
final class ChainFold {

    /** One row for each key that was folded here: its last event with its lacking values, and where they come from. */
    private static final String FILLED = "temp.freshet_filled_";

    private static final String CHAINED = "chained";
    private static final String LINKED = "linked";
    private static final String CHAINS = "chains";
    private static final String SEGMENT = "_freshet_segment";
    private static final String CHAIN = "_freshet_chain";
    private static final String STARTS = "_freshet_starts";

    /** Where the images from before the first event come from. */
    static final class Images {

        private final Mirror mirror;
        private final boolean quarantined;
        private final String relation;
        private final boolean mayBeNewer;

        Images(Mirror mirror, boolean quarantined) {
            this(mirror, quarantined, mirror.physical(), false);
        }

        private Images(Mirror mirror, boolean quarantined, String relation, boolean mayBeNewer) {
            this.mirror = mirror;
            this.quarantined = quarantined;
            this.relation = relation;
            this.mayBeNewer = mayBeNewer;
        }

        /** From a base read beside the events. */
        Images ofBase() {
            return new Images(mirror, false, Landing.BASE, true);
        }

        /** There was nothing before the first event. */
        Images none() {
            return new Images(mirror, false, "", false);
        }
    }

    private final Session session;
    private final TableSchema schema;
    private final String events;
    private final Images images;
    private final List<String> partial;
    private final boolean moves;
    private final String filled;

    /** @param landed what is known of the events: the columns that some lack, and whether rows moved */
    ChainFold(Session session, Mirror mirror, Landing.Landed landed, Images images) {
        this.session = session;
        this.schema = mirror.schema();
        this.events = Landing.events(mirror.table());
        this.images = images;
        this.partial = List.copyOf(landed.unavailable());
        this.moves = landed.moves();
        this.filled = FILLED + images.mirror.id() + "_" + partial.size();
    }

    /** The relation of the last events of the keys that were folded, filled. */
    String filledEvents() {
        return filled;
    }

    /**
     * Folds the keys where an event lacks a value or a row moved to or from, into {@link #filledEvents}; the other keys are left to the caller: most keys
     * of a batch are such, and folding them so costs many times what {@link KeyedFold} takes.
     *
     * @return the query that gives their rows as {@link KeyedFold#folded} has them
     */
    String fold() throws SQLException {
        session.working()
                .empty(
                        filled,
                        OP + " VARCHAR, " + EVENT + " BIGINT, " + POISON + " VARCHAR, "
                                + SqlText.definitions(schema.columns())
                                + ", _freshet_poisoned BIGINT, _freshet_reason VARCHAR"
                                + partial.stream()
                                        .map(column -> ", " + source(column) + " BIGINT")
                                        .collect(Collectors.joining()));
        session.execute("INSERT INTO " + filled + " BY NAME WITH RECURSIVE " + CHAINED
                + " AS MATERIALIZED (" + chained() + "), " + LINKED + " AS MATERIALIZED (" + linked() + ")"
                + (moves ? ", " + chains() : "") + " " + filled());
        String missing =
                partial.stream().map(column -> source(column) + " IS NULL").collect(Collectors.joining(" OR "));
        long unfillable = session.number("SELECT count(*) FROM " + filled + " WHERE " + OP
                + " <> 'd' AND _freshet_poisoned IS NULL AND (" + missing + ")");
        if (unfillable > 0) {
            throw new ReloadNeededException(
                    images.mirror.table(),
                    "a change did not carry the value of one of the columns " + partial
                            + " and no earlier image of the row has it");
        }
        String columns = SqlText.names(schema.columns());
        return "SELECT " + columns + ", " + POISON + ", " + RowHash.sql(schema.columns()) + " AS " + SqlText.ROW_HASH
                + ", " + OP + " <> 'd' AND " + POISON + " IS NULL AS " + KeyedFold.LIVE + " FROM (SELECT " + columns
                + ", " + OP + ", " + carriedPoison() + " AS " + POISON + " FROM " + filled + ")";
    }

    /** All events of the keys that are folded here. */
    private String chained() {
        String moved =
                OP + " = 'm' OR " + EVENT + " + 1 IN (SELECT " + EVENT + " FROM " + events + " WHERE " + OP + " = 'm')";
        return "SELECT e.* FROM " + events + " e SEMI JOIN (SELECT " + SqlText.quoted(schema.key()) + " FROM " + events
                + " WHERE " + MASK + " IS NOT NULL" + (moves ? " OR " + moved : "") + ") c ON "
                + SqlText.same("e", "c", schema.key());
    }

    /** Every event and first image with the segment that it belongs to. */
    private String linked() {
        String key = SqlText.quoted(schema.key());
        String columns = SqlText.names(schema.columns());
        String events = "SELECT " + EVENT + " * 2 AS " + EVENT + ", " + OP + ", " + POISON + ", " + MASK + ", "
                + columns + " FROM " + CHAINED;
        String all = events + firstImages();
        String marked = "SELECT *, coalesce(_freshet_before IS NULL OR _freshet_before = 'd' OR " + OP + " = 'c' OR ("
                + OP
                + " = 'm' AND _freshet_before <> 'r'), true) AS " + STARTS + " FROM (SELECT *, lag(" + OP
                + ") OVER (PARTITION BY " + key + " ORDER BY " + EVENT + ") AS _freshet_before FROM (" + all + "))";
        return "SELECT * EXCLUDE (_freshet_before, " + STARTS + "), max(CASE WHEN " + STARTS + " THEN " + EVENT
                + " END) OVER (PARTITION BY " + key + " ORDER BY " + EVENT + " ROWS UNBOUNDED PRECEDING) AS " + SEGMENT
                + ", " + EVENT + " = max(" + EVENT + ") OVER (PARTITION BY " + key + ") AS _freshet_final FROM ("
                + marked + ")";
    }

    private String firstImages() {
        if (images.relation.isEmpty()) {
            return "";
        }
        String key = SqlText.quoted(schema.key());
        String first = "SELECT " + key + ", min(" + EVENT + ") AS _freshet_first_event, arg_min(" + OP + ", " + EVENT
                + ") AS _freshet_first_op, count(CASE WHEN " + OP
                + " IN ('c', 'm') THEN 1 END) AS _freshet_creations FROM " + CHAINED
                + " GROUP BY " + key;
        // Before its first event the mirror held exactly the image that an update or delete replaced. A base holds the
        // image of some moment
        // since; it is of the same row only if the key was not taken over since.
        String usable = images.mayBeNewer
                ? "_freshet_first_op <> 'c' AND _freshet_creations = CASE WHEN _freshet_first_op = 'm' THEN 1 ELSE 0 END"
                : "_freshet_first_op IN ('u', 'd')";
        List<String> sources = new ArrayList<>();
        sources.add("SELECT f._freshet_first_event * 2 - 1, 'r', " + (images.mayBeNewer ? "i." + POISON : "NULL")
                + ", NULL, "
                + SqlText.list(schema.columns(), this::ofImage) + " FROM (" + first + ") f JOIN " + images.relation
                + " i ON " + SqlText.sameKey("f", "i", schema.key()) + " WHERE " + usable);
        if (images.quarantined) {
            sources.add("SELECT f._freshet_first_event * 2 - 1, 'r', q.reason, NULL, "
                    + SqlText.list(
                            schema.columns(),
                            column -> schema.key().contains(column.name())
                                    ? "f." + quote(column.name())
                                    : "NULL::" + column.type().sql())
                    + " FROM (" + first + ") f JOIN freshet.quarantine q ON "
                    + Quarantine.of("q", images.mirror.table())
                    + " AND q.row_key = " + Quarantine.key("f", schema) + " WHERE " + usable);
        }
        return sources.stream().map(source -> " UNION ALL " + source).collect(Collectors.joining());
    }

    /** An image is asked for what events may lack, and for nothing else. */
    private String ofImage(Column column) {
        return schema.key().contains(column.name()) || partial.contains(column.name())
                ? "i." + quote(column.name())
                : "NULL::" + column.type().sql();
    }

    /** Which chain a segment belongs to, where rows moved. */
    private static String chains() {
        return "links AS (SELECT m." + SEGMENT + " AS segment, d." + SEGMENT + " AS parent FROM " + LINKED + " m JOIN "
                + LINKED + " d ON d." + EVENT + " = m." + EVENT + " - 2 AND d." + OP + " = 'd' WHERE m." + OP
                + " = 'm'), " + CHAINS + "(segment, chain) AS (SELECT DISTINCT " + SEGMENT + ", " + SEGMENT + " FROM "
                + LINKED + " WHERE " + SEGMENT
                + " NOT IN (SELECT segment FROM links) UNION ALL SELECT l.segment, c.chain FROM " + CHAINS
                + " c JOIN links l ON l.parent = c.segment)";
    }

    /**
     * One row for each key: its last event, its lacking values filled. {@link #source} of a column is the event that has its value, NULL if none;
     * {@code _freshet_poisoned} the last poison image of the chain.
     */
    private String filled() {
        String has = OP + " <> 'd' AND " + POISON + " IS NULL";
        String fills = partial.stream()
                .map(column -> {
                    String available = "(" + has + " AND NOT coalesce(list_contains(" + MASK + ", " + literal(column)
                            + "), false))";
                    return ", arg_max_null(" + quote(column) + ", " + EVENT + ") FILTER (WHERE " + available + ") AS "
                            + quote(column) + ", max(" + EVENT + ") FILTER (WHERE " + available + ") AS "
                            + source(column);
                })
                .collect(Collectors.joining());
        String chain = moves ? "c.chain" : "l." + SEGMENT;
        String chained = moves ? " JOIN " + CHAINS + " c ON c.segment = l." + SEGMENT : "";
        String perChain = "SELECT " + chain + " AS " + CHAIN + ", max(" + EVENT + ") FILTER (WHERE " + POISON
                + " IS NOT NULL) AS _freshet_poisoned,"
                + " arg_max(" + POISON + ", " + EVENT + ") FILTER (WHERE " + POISON + " IS NOT NULL) AS _freshet_reason"
                + fills + " FROM " + LINKED + " l" + chained + " GROUP BY " + chain;
        String columns = SqlText.list(
                schema.columns(), column -> (partial.contains(column.name()) ? "p." : "l.") + quote(column.name()));
        String sources = partial.stream().map(column -> ", p." + source(column)).collect(Collectors.joining());
        return "SELECT l." + OP + ", l." + EVENT + ", l." + POISON + ", " + columns
                + ", p._freshet_poisoned, p._freshet_reason" + sources + " FROM " + LINKED + " l" + chained + " JOIN ("
                + perChain + ") p ON p." + CHAIN + " = " + chain + " WHERE l._freshet_final";
    }

    private String carriedPoison() {
        String lacking = partial.stream()
                .map(column -> "WHEN " + source(column) + " IS NULL OR " + source(column)
                        + " < _freshet_poisoned THEN _freshet_reason || "
                        + literal("; its later change did not carry column \"" + column + "\""))
                .collect(Collectors.joining(" "));
        return "CASE WHEN " + OP + " = 'd' OR " + POISON + " IS NOT NULL THEN " + POISON
                + " WHEN _freshet_poisoned IS NULL THEN NULL " + lacking + " END";
    }

    private String source(String column) {
        return "_freshet_source_" + partial.indexOf(column);
    }
}

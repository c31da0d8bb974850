package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.Landing.BASE;
import static dev.freshet.state.duckdb.mirror.Landing.EVENT;
import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.mirror.Landing.POISON;

import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;

/**
 * What the changes of a keyed table come to: for each key that they touch its last image, or that it is gone. The result is {@link #folded},
 * with the table's columns, {@link Landing#POISON}, {@link SqlText#ROW_HASH} and {@link #LIVE}; a row that is not live stands for a key without
 * a row.
 */
final class KeyedFold {

    private static final String FOLDED = "temp.freshet_folded_";
    static final String LIVE = "_freshet_live";

    /** As {@link #folded}, for all keys of the table. */
    static final String CONTENTS = "freshet_contents";

    private final Session session;
    private final Mirror mirror;
    private final TableSchema schema;
    private final String events;
    private final String folded;

    KeyedFold(Session session, Mirror mirror) {
        this.session = session;
        this.mirror = mirror;
        this.schema = mirror.schema();
        this.events = Landing.events(mirror.table());
        this.folded = FOLDED + mirror.id();
    }

    /** The relation that holds the result. */
    String folded() {
        return folded;
    }

    /** {@link Landing#events} folded, as a relation: for events that are whole and sound. */
    String whole() {
        return "(" + lastOf(events) + ")";
    }

    /** Folds {@link Landing#events} over the mirror. */
    void changes(Landing.Landed landed, boolean quarantined) throws SQLException {
        fold(landed, new ChainFold.Images(mirror, quarantined));
    }

    /** Folds {@link Landing#events} over {@link Landing#BASE}; {@link #CONTENTS} then holds every row of the table. */
    void base(Landing.Landed landed) throws SQLException {
        String columns = SqlText.names(schema.columns()) + ", " + POISON + ", " + SqlText.ROW_HASH;
        String wholeBase = "SELECT " + columns + ", " + POISON + " IS NULL AS " + LIVE + " FROM " + BASE;
        if (landed.events() == 0 && !landed.truncated()) {
            session.execute("CREATE OR REPLACE TEMP VIEW " + CONTENTS + " AS " + wholeBase);
            return;
        }
        fold(landed, new ChainFold.Images(mirror, false).ofBase());
        String last = "SELECT " + columns + ", " + LIVE + " FROM " + folded;
        session.execute("CREATE OR REPLACE TEMP VIEW " + CONTENTS + " AS "
                + (landed.truncated()
                        ? last
                        : last + " UNION ALL " + wholeBase + " b WHERE NOT EXISTS (SELECT 1 FROM " + folded
                                + " l WHERE " + SqlText.sameKey("b", "l", schema.key()) + ")"));
    }

    private void fold(Landing.Landed landed, ChainFold.Images images) throws SQLException {
        session.working()
                .empty(
                        folded,
                        SqlText.definitions(schema.columns()) + ", " + POISON + " VARCHAR, " + SqlText.ROW_HASH
                                + " UHUGEINT, " + LIVE + " BOOLEAN");
        if (!landed.unavailable().isEmpty()) {
            ChainFold chains = new ChainFold(session, mirror, landed, landed.truncated() ? images.none() : images);
            session.execute("INSERT INTO " + folded + " BY NAME " + chains.fold() + " UNION ALL "
                    + lastOf("(SELECT e.* FROM " + events + " e ANTI JOIN " + chains.filledEvents() + " c ON "
                            + SqlText.same("e", "c", schema.key()) + ")"));
            return;
        }
        session.execute("INSERT INTO " + folded + " BY NAME " + lastOf(events));
    }

    /** The last event of each key, when no event of these keys lacks a value. */
    private String lastOf(String events) {
        String names = SqlText.names(schema.columns());
        return "SELECT " + names + ", " + POISON + ", "
                + RowHash.sql(schema.columns()) + " AS " + SqlText.ROW_HASH + ", " + OP + " <> 'd' AND " + POISON
                + " IS NULL AS " + LIVE
                + " FROM (SELECT * FROM " + events + " QUALIFY row_number() OVER (PARTITION BY "
                + SqlText.quoted(schema.key())
                + " ORDER BY " + EVENT + " DESC) = 1)";
    }
}

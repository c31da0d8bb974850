package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.Landing.EVENT;
import static dev.freshet.state.duckdb.mirror.Landing.MASK;
import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.stream.Collectors;

/**
 * Completes the events of a keyless table. Its deletes carry whole rows, so a value that an insert lacks can only be that of the row that the
 * directly preceding delete took away: the two are one update.
 */
final class BagImages {

    private final Session session;
    private final Mirror mirror;

    BagImages(Session session, Mirror mirror) {
        this.session = session;
        this.mirror = mirror;
    }

    void fill(Landing.Landed landed) throws SQLException {
        if (landed.unavailable().isEmpty()) {
            return;
        }
        String events = Landing.events(mirror.table());
        String filled = landed.unavailable().stream()
                .map(column -> "CASE WHEN list_contains(" + MASK + ", " + literal(column) + ") THEN lag("
                        + quote(column) + ") OVER events ELSE " + quote(column) + " END AS " + quote(column))
                .collect(Collectors.joining(", "));
        session.execute(
                "CREATE OR REPLACE TEMP TABLE " + events + " AS SELECT * REPLACE (" + filled + ", CASE WHEN lag(" + OP
                        + ") OVER events = 'd' AND lag(" + MASK + ") OVER events IS NULL THEN NULL ELSE " + MASK
                        + " END AS " + MASK + ") FROM " + events
                        + " WINDOW events AS (ORDER BY " + EVENT + ")");
        if (session.number("SELECT count(" + MASK + ") FROM " + events) > 0) {
            throw new ReloadNeededException(
                    mirror.table(),
                    "a change did not carry the values of " + landed.unavailable()
                            + " and no image before it has them");
        }
    }
}

package dev.freshet.state.duckdb;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;

/**
 * The stored rows of one model and the log of their changes.
 *
 * @param id names its log
 * @param logFrom the log holds every change after this cut
 * @param held why it is held, empty when it is not
 * @param heldAt the cut its rows are true for while it is held
 */
record Output(
        long id, TableId model, TableSchema schema, long rows, long changedAt, long logFrom, String held, long heldAt) {

    String physical() {
        return StateNames.relation(model);
    }

    String logTable() {
        return "delta_log.l" + id;
    }

    boolean isHeld() {
        return !held.isEmpty();
    }

    Output changed(long difference, long cut) {
        return new Output(id, model, schema, rows + difference, cut, logFrom, "", 0);
    }

    Output released() {
        return new Output(id, model, schema, rows, changedAt, logFrom, "", 0);
    }

    Output heldSince(String reason, long cut) {
        return new Output(id, model, schema, rows, changedAt, logFrom, reason, cut);
    }

    Output logStartingAt(long cut) {
        return new Output(id, model, schema, rows, changedAt, cut, held, heldAt);
    }
}

package dev.freshet.state.duckdb.catalog;

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
public record Output(
        long id, TableId model, TableSchema schema, long rows, long changedAt, long logFrom, String held, long heldAt) {

    /** The table of the rows, under the name by which models read it. */
    public String physical() {
        return StateNames.relation(model);
    }

    /** The table of the changes: {@link SqlText#CUT}, {@link SqlText#WEIGHT} and the columns. */
    public String logTable() {
        return "delta_log.l" + id;
    }

    /** Whether the rows stay as they are while the sources go on. */
    public boolean isHeld() {
        return !held.isEmpty();
    }

    /**
     * The same after a cut that changed it, not held.
     *
     * @param difference by which the number of rows grew
     */
    public Output changed(long difference, long cut) {
        return new Output(id, model, schema, rows + difference, cut, logFrom, "", 0);
    }

    /** The same, not held. */
    public Output released() {
        return new Output(id, model, schema, rows, changedAt, logFrom, "", 0);
    }

    /** The same, held. */
    public Output heldSince(String reason, long cut) {
        return new Output(id, model, schema, rows, changedAt, logFrom, reason, cut);
    }

    /** The same, its log holding every change after this cut. */
    public Output logStartingAt(long cut) {
        return new Output(id, model, schema, rows, changedAt, cut, held, heldAt);
    }
}

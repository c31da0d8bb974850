package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Correction;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.LookedUpTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The values that a model's stored rows have of a table which they look up by its key. */
final class LookedUpValues {

    private final TableId model;
    private final LookedUpTable lookedUp;
    private final List<Column> needed;
    private final boolean ofKeys;

    /**
     * @param needed what of the table has to be read
     * @param ofKeys whether its changes give the affected keys without a look at another table
     */
    LookedUpValues(TableId model, LookedUpTable lookedUp, List<Column> needed, boolean ofKeys) {
        this.model = model;
        this.lookedUp = lookedUp;
        this.needed = needed.isEmpty() ? lookedUp.leaf().schema().columns() : List.copyOf(needed);
        this.ofKeys = ofKeys;
    }

    TableId table() {
        return lookedUp.leaf().table();
    }

    boolean isOfKeys() {
        return ofKeys;
    }

    /** Whether the table's change is followed by correcting stored rows, and that costs less than computing them. */
    boolean follows(RowMaintenance state, Set<TableId> changed) {
        return changed.contains(table())
                && (!ofKeys || changed.size() == 1)
                && (lookedUp.optional() || !state.changed(table(), Set.of(key())));
    }

    /** About how many stored rows it is. */
    long rows(RowMaintenance state, Map<TableId, Long> changed) {
        double part = changed.getOrDefault(table(), 0L) / 2.0 / Math.max(1, state.rows(table()));
        return Math.round(state.rows(model) * Math.min(1, part));
    }

    Correction correction(RowMaintenance state) {
        List<Column> columns = state.schema(model)
                .orElseThrow(() -> new IllegalStateException("'" + model + "' has no output yet"))
                .columns();
        String delta = StateNames.delta(table());
        String touched =
                "SELECT DISTINCT " + StateNames.quote(key()) + " AS " + LookedUpTable.TOUCHED_KEY + " FROM " + delta;
        return new Correction(
                columns.get(lookedUp.column()).name(),
                "WITH " + LookedUpTable.TOUCHED + " AS MATERIALIZED (" + touched + ") "
                        + lookedUp.rows().text(leaf -> came(delta)),
                lookedUp.values().entrySet().stream()
                        .collect(Collectors.toMap(
                                value -> columns.get(value.getKey()).name(), Map.Entry::getValue)));
    }

    private String came(String delta) {
        return "(SELECT " + FollowedKeys.columns(needed.stream()) + " FROM " + delta + " WHERE "
                + StateNames.quote(StateNames.WEIGHT) + " > 0)";
    }

    private String key() {
        return lookedUp.leaf().schema().key().get(0);
    }
}

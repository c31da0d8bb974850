package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.LookedUpTable;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Affected keys: the values of one result column whose rows may have changed are collected from the deltas, the model is computed for them alone, and
 * the result is compared with the stored rows of these keys. Where a table changed of which the result has nothing but values, these are corrected in the stored rows.
 */
final class KeyedPlan {

    private final TableId model;
    private final Template query;
    private final String keyColumn;
    private final FollowedKeys followed;
    private final List<LookedUpValues> lookedUp;

    KeyedPlan(
            TableId model,
            ParsedQuery parsed,
            Template query,
            Partitioning partitioning,
            List<LookedUpTable> tables,
            SharedLookups lookups)
            throws UnsupportedQueryException {
        this.model = model;
        this.query = query;
        this.keyColumn = parsed.query().names().get(partitioning.column());
        this.followed = new FollowedKeys(model, parsed, partitioning, lookups);
        // A row with another key would be one of other keys' rows as well.
        this.lookedUp = tables.stream()
                .filter(table -> !table.values().containsKey(partitioning.column()))
                .map(table -> new LookedUpValues(
                        model,
                        table,
                        parsed.mentioned(table.leaf()),
                        partitioning.columnOf(table.leaf()).isPresent()))
                .toList();
    }

    String keyColumn() {
        return keyColumn;
    }

    FollowedKeys followed() {
        return followed;
    }

    /** Tables whose values are corrected also when others change. */
    Stream<TableId> corrected() {
        return lookedUp.stream().filter(values -> !values.isOfKeys()).map(LookedUpValues::table);
    }

    /**
     * @param changed the tables that changed, and how many rows in each
     * @param worthwhile whether it is worth to go on with so many keys
     * @return empty, and nothing is changed, when it is not
     */
    Optional<TableDelta> maintain(RowMaintenance state, Map<TableId, Long> changed, Predicate<Keys> worthwhile) {
        Optional<LookedUpValues> corrected = lookedUp.stream()
                .filter(values -> values.follows(state, changed.keySet()))
                .findFirst();
        Predicate<TableId> others = table -> changed.containsKey(table)
                && corrected.filter(values -> values.table().equals(table)).isEmpty();
        Keys keys = followed.stage(state, others);
        long rows = corrected.map(values -> values.rows(state, changed)).orElse(0L);
        return worthwhile.test(new Keys(keys.count() + rows, keys.withNull()))
                ? Optional.of(state.recomputeKeys(
                        model,
                        keys.isEmpty() ? query.text() : query.text(leaf -> followed.now(state, others, leaf, keys)),
                        keyColumn,
                        keys,
                        corrected.map(values -> values.correction(state))))
                : Optional.empty();
    }
}

package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.function.Predicate;

/**
 * Affected keys: the values of one result column whose rows may have changed are collected from the deltas, the model is computed for them alone, and
 * the result is compared with the stored rows of these keys.
 */
final class KeyedPlan {

    private final TableId model;
    private final Template query;
    private final String keyColumn;
    private final FollowedKeys followed;

    KeyedPlan(TableId model, ParsedQuery parsed, Template query, Partitioning partitioning, SharedLookups lookups)
            throws UnsupportedQueryException {
        this.model = model;
        this.query = query;
        this.keyColumn = parsed.query().names().get(partitioning.column());
        this.followed = new FollowedKeys(model, parsed, partitioning, lookups);
    }

    String keyColumn() {
        return keyColumn;
    }

    FollowedKeys followed() {
        return followed;
    }

    TableDelta recompute(RowMaintenance state, Predicate<TableId> changed, Keys keys) {
        return state.recomputeKeys(
                model, query.text(leaf -> followed.now(state, changed, leaf, keys)), keyColumn, keys);
    }
}

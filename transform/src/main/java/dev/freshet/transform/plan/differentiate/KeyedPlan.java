package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.AffectedKeys;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Affected keys: the values of one result column whose rows may have changed are collected from the deltas, the model is computed for them alone, and
 * the result is compared with the stored rows of these keys.
 *
 * <p>Right as long as the keys are enough: more keys cost time, never exactness.
 */
final class KeyedPlan {

    private final TableId model;
    private final Template query;
    private final String keyColumn;
    private final Partitioning partitioning;
    /** For leaves that are not restricted: the query for the keys that their changes affect. */
    private final Map<Leaf, Template> linked = new HashMap<>();

    private final List<Leaf> leaves;

    KeyedPlan(TableId model, ParsedQuery parsed, Template query, Partitioning partitioning)
            throws UnsupportedQueryException {
        this.model = model;
        this.query = query;
        this.partitioning = partitioning;
        this.keyColumn = parsed.query().names().get(partitioning.column());
        this.leaves = parsed.leaves();
        AffectedKeys affected = new AffectedKeys(parsed);
        for (Leaf leaf : leaves) {
            if (partitioning.columnOf(leaf).isEmpty()) {
                Optional<Template> keys = affected.of(partitioning, leaf);
                keys.ifPresent(template -> linked.put(leaf, template));
            }
        }
    }

    String keyColumn() {
        return keyColumn;
    }

    /** Whether a change of this table can be followed to the keys. */
    boolean follows(TableId table) {
        return leaves.stream()
                .filter(leaf -> leaf.table().equals(table))
                .allMatch(leaf -> partitioning.columnOf(leaf).isPresent() || linked.containsKey(leaf));
    }

    /** Whether the text reads this table; a model may depend on more than it reads. */
    boolean reads(TableId table) {
        return leaves.stream().anyMatch(leaf -> leaf.table().equals(table));
    }

    /** How many of the leaves give their keys without a look at another table. */
    long restrictedLeaves() {
        return leaves.stream()
                .filter(leaf -> partitioning.columnOf(leaf).isPresent())
                .count();
    }

    Keys stage(RowMaintenance state, Predicate<TableId> changed) {
        List<String> keys = leaves.stream()
                .filter(leaf -> changed.test(leaf.table()))
                .map(leaf -> partitioning
                        .columnOf(leaf)
                        .map(column -> "SELECT " + StateNames.quote(column) + " FROM " + StateNames.delta(leaf.table()))
                        .orElseGet(() -> "SELECT * FROM (" + linkedKeys(leaf, changed) + ")"))
                .distinct()
                .toList();
        return state.stageKeys(model, keys);
    }

    private String linkedKeys(Leaf changedLeaf, Predicate<TableId> changed) {
        Template template = linked.get(changedLeaf);
        if (template == null) {
            throw new IllegalStateException("the change of " + changedLeaf.table() + " is not followed");
        }
        return template.text(leaf -> {
            String columns = leaf.schema().columns().stream()
                    .map(column -> StateNames.quote(column.name()))
                    .collect(Collectors.joining(", "));
            String delta = "SELECT " + columns + " FROM " + StateNames.delta(leaf.table());
            if (leaf.equals(changedLeaf)) {
                return "(" + delta + ")";
            }
            String relation = StateNames.relation(leaf.table());
            return changed.test(leaf.table()) && partitioning.columnOf(leaf).isEmpty()
                    ? "(SELECT " + columns + " FROM " + relation + " UNION ALL " + delta + ")"
                    : relation;
        });
    }

    TableDelta recompute(RowMaintenance state, Keys keys) {
        return state.recomputeKeys(model, query.text(leaf -> restricted(leaf, keys)), keyColumn, keys);
    }

    private String restricted(Leaf leaf, Keys keys) {
        String relation = StateNames.relation(leaf.table());
        Optional<String> column = partitioning.columnOf(leaf);
        if (column.isEmpty()) {
            return relation;
        }
        String name = StateNames.quote(column.get());
        String all = "SELECT * FROM " + relation + " WHERE " + name;
        String equal = all + " IN (SELECT " + RowMaintenance.KEY + " FROM " + RowMaintenance.KEYS + ")";
        // NULL is told apart instead of IS NOT DISTINCT FROM, which can't make use of the table's statistics.
        return "(" + equal + (keys.withNull() ? " UNION ALL " + all + " IS NULL" : "") + ")";
    }
}

package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.StateNames;
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
 * The way from changed rows to the keys of one partitioning.
 *
 * <p>Right as long as the keys are enough: more keys cost time, never exactness.
 */
final class FollowedKeys {

    private final TableId model;
    private final Partitioning partitioning;
    /** For leaves that are not restricted: the query for the keys that their changes affect. */
    private final Map<Leaf, Template> linked = new HashMap<>();

    private final List<Leaf> leaves;

    FollowedKeys(TableId model, ParsedQuery parsed, Partitioning partitioning) throws UnsupportedQueryException {
        this.model = model;
        this.partitioning = partitioning;
        this.leaves = parsed.leaves();
        AffectedKeys affected = new AffectedKeys(parsed);
        for (Leaf leaf : leaves) {
            if (partitioning.columnOf(leaf).isEmpty()) {
                Optional<Template> keys = affected.of(partitioning, leaf);
                keys.ifPresent(template -> linked.put(leaf, template));
            }
        }
    }

    Partitioning partitioning() {
        return partitioning;
    }

    /** Whether a change of this table can be followed to the keys. */
    boolean follows(TableId table) {
        return leaves.stream()
                .filter(leaf -> leaf.table().equals(table))
                .allMatch(leaf -> partitioning.columnOf(leaf).isPresent() || linked.containsKey(leaf));
    }

    long followedTables() {
        return leaves.stream().map(Leaf::table).distinct().filter(this::follows).count();
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
            String delta = "SELECT " + columns(leaf) + " FROM " + StateNames.delta(leaf.table());
            if (leaf.equals(changedLeaf)) {
                return "(" + delta + ")";
            }
            String relation = StateNames.relation(leaf.table());
            return changed.test(leaf.table()) && partitioning.columnOf(leaf).isEmpty()
                    ? "(SELECT " + columns(leaf) + " FROM " + relation + " UNION ALL " + delta + ")"
                    : relation;
        });
    }

    static String columns(Leaf leaf) {
        return leaf.schema().columns().stream()
                .map(column -> StateNames.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** What to read in the place of a leaf, to have the rows of the keys as they are. */
    String now(Leaf leaf, Keys keys) {
        String relation = StateNames.relation(leaf.table());
        return partitioning.columnOf(leaf).isEmpty() ? relation : "(" + restricted(leaf, relation, keys) + ")";
    }

    private String restricted(Leaf leaf, String relation, Keys keys) {
        Optional<String> column = partitioning.columnOf(leaf);
        String all = "SELECT " + columns(leaf) + " FROM " + relation;
        if (column.isEmpty()) {
            return all;
        }
        String name = StateNames.quote(column.get());
        String equal =
                all + " WHERE " + name + " IN (SELECT " + RowMaintenance.KEY + " FROM " + RowMaintenance.KEYS + ")";
        // NULL is told apart instead of IS NOT DISTINCT FROM, which can't make use of the table's statistics.
        return equal + (keys.withNull() ? " UNION ALL " + all + " WHERE " + name + " IS NULL" : "");
    }

    /** What to read in the place of a leaf of a changed table, to have the rows of the keys as they were before. */
    String before(Leaf leaf, Keys keys) {
        String delta = StateNames.delta(leaf.table());
        String weight = StateNames.quote(StateNames.WEIGHT);
        String now = "SELECT * FROM (" + restricted(leaf, StateNames.relation(leaf.table()), keys) + ")";
        if (leaf.schema().isKeyed()) {
            String same = leaf.schema().key().stream()
                    .map(StateNames::quote)
                    .map(name -> "now." + name + " IS NOT DISTINCT FROM came." + name)
                    .collect(Collectors.joining(" AND "));
            return "(" + now + " now ANTI JOIN (SELECT * FROM " + delta + " WHERE " + weight + " > 0) came ON " + same
                    + " UNION ALL " + restricted(leaf, "(SELECT * FROM " + delta + " WHERE " + weight + " < 0)", keys)
                    + ")";
        }
        return "((" + now + " EXCEPT ALL " + restricted(leaf, copies(delta, weight + " > 0"), keys) + ") UNION ALL "
                + restricted(leaf, copies(delta, weight + " < 0"), keys) + ")";
    }

    /** Each copy of a row by itself. */
    private static String copies(String delta, String which) {
        String weight = StateNames.quote(StateNames.WEIGHT);
        return "(SELECT *, unnest(range(abs(" + weight + "))) FROM " + delta + " WHERE " + which + ")";
    }
}

package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.Leaf;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which rows the models of a project look for in which tables: the lines of the orders that changed, say. Where several look for the same, the pass over the
 * table is made once in a cycle, for all values that any of them may look for. Used by one thread.
 */
public final class SharedLookups {

    private record Column(TableId table, String name) {}

    /**
     * What one model looks for.
     *
     * @param few of the rows, so that nobody has anything of them
     */
    private record Wanted(TableId model, List<ChangedValues> values, Set<String> columns, boolean few) {}

    /**
     * From what on a pass over a table is worth sharing: below that it costs less than keeping what it finds.
     *
     * @param rows that the table has
     * @param models that look for the same
     * @param rowsAtHand that a table has of which rows are found with those that its own changes are compared with
     * @param rowsMet that a table has which several changes of one model meet
     * @param changes of one model that meet it
     */
    public record Worthwhile(long rows, int models, long rowsAtHand, long rowsMet, int changes) {

        public static final Worthwhile USUAL = new Worthwhile(1_000_000, 2, 200_000, 50_000, 2);

        /** For tests: whatever can be shared. */
        public static final Worthwhile EVERYTHING = new Worthwhile(0, 1, 0, 0, 1);
    }

    private final Map<Column, Set<Wanted>> lookups = new HashMap<>();
    private final Worthwhile worthwhile;

    public SharedLookups(Worthwhile worthwhile) {
        this.worthwhile = worthwhile;
    }

    /**
     * A model will look for rows.
     *
     * @param column of the leaf's table
     * @param values that are looked for in it
     * @param needed columns of the rows
     */
    void add(TableId model, Leaf leaf, String column, Collection<ChangedValues> values, Collection<String> needed) {
        add(leaf, column, new Wanted(model, List.copyOf(values), Set.copyOf(needed), false));
    }

    /** As {@link #add}, of a model that will look for a few of these rows: it takes part in a pass, but has nothing that others could use. */
    void addFew(TableId model, Leaf leaf, String column, Collection<ChangedValues> values, Collection<String> needed) {
        add(leaf, column, new Wanted(model, List.copyOf(values), Set.copyOf(needed), true));
    }

    private void add(Leaf leaf, String column, Wanted wanted) {
        lookups.computeIfAbsent(new Column(leaf.table(), column), key -> new LinkedHashSet<>())
                .add(wanted);
    }

    /**
     * A relation with all rows of a leaf's table that have certain values, and maybe more of its rows.
     *
     * @param values those of tables that did not change are left out
     */
    String relation(RowMaintenance state, Leaf leaf, String column, Collection<ChangedValues> values) {
        Optional<String> found = atHand(state, leaf, column, values);
        return found.isPresent() ? found.get() : looked(state, leaf, column, values);
    }

    /**
     * Whether the rows of a leaf's table that changes of one model meet are found in one pass, before each of these is joined.
     *
     * @param changes how many meet it
     */
    boolean isMetAtOnce(RowMaintenance state, Leaf leaf, int changes) {
        return changes >= worthwhile.changes() && state.rows(leaf.table()) >= worthwhile.rowsMet();
    }

    /** Where the rows were found with those that the table's own changes are compared with. */
    private Optional<String> atHand(RowMaintenance state, Leaf leaf, String column, Collection<ChangedValues> values) {
        if (!leaf.schema().key().contains(column) || state.rows(leaf.table()) < worthwhile.rowsAtHand()) {
            return Optional.empty();
        }
        DataType type = type(leaf, column);
        List<ChangedValues> changed =
                values.stream().filter(value -> state.changed(value.table())).toList();
        return changed.stream().allMatch(value -> hasColumn(state, value, type))
                ? state.atHand(leaf.table(), column, changed)
                : Optional.empty();
    }

    private String looked(RowMaintenance state, Leaf leaf, String column, Collection<ChangedValues> values) {
        List<Wanted> now = lookups.getOrDefault(new Column(leaf.table(), column), Set.of()).stream()
                .filter(wanted -> wanted.values().stream().anyMatch(value -> state.changed(value.table())))
                .toList();
        if (now.stream().map(Wanted::model).distinct().count() < worthwhile.models()
                || state.rows(leaf.table()) < worthwhile.rows()) {
            return StateNames.relation(leaf.table());
        }
        DataType type = type(leaf, column);
        List<ChangedValues> found = now.stream()
                .filter(wanted -> !wanted.few())
                .flatMap(wanted -> wanted.values().stream())
                .filter(value -> state.changed(value.table()) && hasColumn(state, value, type))
                .distinct()
                .toList();
        if (!values.stream().filter(value -> state.changed(value.table())).allMatch(found::contains)) {
            return StateNames.relation(leaf.table());
        }
        return state.matching(
                leaf.table(),
                column,
                found,
                leaf.schema().columns().stream()
                        .map(dev.freshet.state.Column::name)
                        .filter(name -> name.equals(column)
                                || now.stream()
                                        .anyMatch(wanted -> wanted.columns().contains(name)))
                        .toList());
    }

    private static DataType type(Leaf leaf, String column) {
        return leaf.schema().columns().get(leaf.schema().indexOf(column)).type();
    }

    /** A table may have got other columns since a model announced that it looks for the values of one. */
    private static boolean hasColumn(RowMaintenance state, ChangedValues values, DataType type) {
        return state.schema(values.table())
                .filter(schema -> schema.columns().stream()
                        .anyMatch(each -> each.name().equals(values.column())
                                && each.type().equals(type)))
                .isPresent();
    }
}

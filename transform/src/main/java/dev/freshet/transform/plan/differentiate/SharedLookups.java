package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.Leaf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which rows the models of a project look for in which tables: the lines of the orders that changed, say. Where several look for the same, the pass over the
 * table is made once in a cycle, for all values that any of them may look for. Used by one thread.
 */
public final class SharedLookups {

    private record Column(TableId table, String name) {}

    private static final class Lookup {
        private final Set<ChangedValues> values = new HashSet<>();
        private final Set<String> columns = new TreeSet<>();
        private final Set<TableId> models = new HashSet<>();
    }

    /** From how many rows of a table on a pass over it is worth sharing: below that it costs less than keeping what it finds. */
    public static final long WORTHWHILE = 1_000_000;

    private final Map<Column, Lookup> lookups = new HashMap<>();
    private final long fromRows;
    private final int fromModels;

    /**
     * @param fromRows that a table has
     * @param fromModels that look for the same
     */
    public SharedLookups(long fromRows, int fromModels) {
        this.fromRows = fromRows;
        this.fromModels = fromModels;
    }

    /**
     * A model will look for rows.
     *
     * @param column of the leaf's table
     * @param values that are looked for in it
     * @param needed columns of the rows
     */
    void add(TableId model, Leaf leaf, String column, Collection<ChangedValues> values, Collection<String> needed) {
        Lookup lookup = lookups.computeIfAbsent(new Column(leaf.table(), column), key -> new Lookup());
        lookup.models.add(model);
        lookup.values.addAll(values);
        lookup.columns.addAll(needed);
        lookup.columns.add(column);
    }

    /** A model will look for a few of the rows of some values, so that nobody has anything of its rows: it only needs these columns of what is found for others. */
    void addFew(Leaf leaf, String column, Collection<String> needed) {
        lookups.computeIfAbsent(new Column(leaf.table(), column), key -> new Lookup())
                .columns
                .addAll(needed);
    }

    /**
     * A relation with all rows of a leaf's table that have certain values, and maybe more of its rows.
     *
     * @param wanted the values; those of tables that did not change are left out
     */
    String relation(RowMaintenance state, Leaf leaf, String column, Collection<ChangedValues> wanted) {
        Lookup lookup = lookups.get(new Column(leaf.table(), column));
        if (lookup == null
                || lookup.models.size() < fromModels
                || state.rows(leaf.table()) < fromRows
                || !wanted.stream()
                        .filter(value -> state.changed(value.table()))
                        .allMatch(lookup.values::contains)) {
            return StateNames.relation(leaf.table());
        }
        DataType type =
                leaf.schema().columns().get(leaf.schema().indexOf(column)).type();
        List<ChangedValues> values = new ArrayList<>(lookup.values.stream()
                .filter(value -> state.changed(value.table()) && hasColumn(state, value, type))
                .toList());
        return state.matching(
                leaf.table(),
                column,
                values,
                leaf.schema().columns().stream()
                        .map(dev.freshet.state.Column::name)
                        .filter(lookup.columns::contains)
                        .toList());
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

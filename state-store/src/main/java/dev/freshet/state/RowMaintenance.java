package dev.freshet.state;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Computing and storing only those rows of a model that a cycle's changes affect. Belongs to one {@link StateTransaction} and its thread; what it
 * stores, logs and reports is what {@link StateTransaction#recompute} would, so that nothing behind it can tell the two apart.
 *
 * <p>SQL given here is in the store's own dialect and may name, besides tables, {@link StateNames#delta} of every table that {@link #changed}
 * names and {@link #KEYS} after {@link #stageKeys}.
 */
public interface RowMaintenance {

    /** The relation that holds the keys staged last: one column, {@link #KEY}, each value once, among them at most one NULL. */
    String KEYS = "temp.freshet_keys";

    String KEY = "k";

    /**
     * How many keys were staged.
     *
     * @param count NULL not counted
     * @param withNull whether NULL is one of them
     */
    record Keys(long count, boolean withNull) {
        public boolean isEmpty() {
            return count == 0 && !withNull;
        }
    }

    /**
     * The functions that the store's dialect knows, by lower-case name.
     *
     * @param aggregates those that make one value of many rows
     * @param repeatable those whose result is decided by their arguments alone; aggregates and window functions may depend on the rows' order
     */
    record Functions(Set<String> aggregates, Set<String> repeatable) {
        public Functions {
            aggregates = Set.copyOf(aggregates);
            repeatable = Set.copyOf(repeatable);
        }
    }

    /**
     * The syntax tree of a query as the store's own parser sees it, as JSON. Its form is the store's and may change with its version, so a
     * reader takes nothing for granted.
     */
    String syntaxTree(String sql);

    /** The text of syntax trees, one query each. */
    List<String> texts(List<String> syntaxTrees);

    Functions functions();

    /** The columns of a source table's mirror or of a model's stored output; empty when there is none. */
    Optional<TableSchema> schema(TableId table);

    /** The number of rows that a model's output holds; 0 when there is none. */
    long rows(TableId model);

    /** Whether {@link StateNames#delta} of this table can be read now: it changed in this transaction, and not its shape. */
    boolean changed(TableId table);

    /** The columns of a query's result, as {@link StateTransaction#recompute} would store them. */
    TableSchema resultOf(TableId model, String sql, List<String> uniqueKey);

    /** Runs queries of one column each and keeps their distinct values as {@link #KEYS}. */
    Keys stageKeys(TableId model, List<String> queries);

    /**
     * Replaces the rows of a model's output whose {@code keyColumn} is one of {@link #KEYS} by those of this query.
     *
     * @param sql its rows with other keys are left out
     * @throws ModelFailedException as {@link StateTransaction#recompute} does
     */
    TableDelta recomputeKeys(TableId model, String sql, String keyColumn, Keys keys);

    /**
     * Adds and takes rows.
     *
     * @param sql the model's columns and {@link StateNames#WEIGHT}, the number of copies to add or, negative, to take
     * @return empty, and nothing is changed, when the output does not hold rows that should be taken
     */
    Optional<TableDelta> applyDifference(TableId model, String sql);
}

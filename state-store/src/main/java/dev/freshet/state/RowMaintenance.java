package dev.freshet.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Computing and storing only those rows of a model that a cycle's changes affect. Belongs to one {@link StateTransaction} and its thread; what it
 * stores, logs and reports is what {@link StateTransaction#recompute} would, so that nothing behind it can tell the two apart.
 *
 * <p>SQL given here is in the store's own dialect and may name, besides tables, {@link StateNames#delta} of every table that {@link #changed}
 * names and {@link StateNames#keys} of a model after {@link #stageKeys}.
 */
public interface RowMaintenance {

    /** The only column of {@link StateNames#keys}. */
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

    /** The number of rows that a model's output holds or, about, a source table's mirror; 0 when there is none. */
    long rows(TableId table);

    /** The stored table behind {@link StateNames#relation}, of which a query reads only the columns that it names; empty when there is none. */
    Optional<String> stored(TableId table);

    /** Whether {@link StateNames#delta} of this table can be read now: it changed in this transaction, and not its shape. */
    boolean changed(TableId table);

    /** Whether a table whose {@link #changed change} can be read would have changed if it had only these columns. */
    boolean changed(TableId table, Set<String> columns);

    /** The columns of a query's result, as {@link StateTransaction#recompute} would store them. */
    TableSchema resultOf(TableId model, String sql, List<String> uniqueKey);

    /**
     * Spares the next computation of a model, in part or in full, to look for rows that share its {@code unique_key} in what changes.
     *
     * @param model whose text gives no two such rows as long as the tables that it reads hold their keys
     */
    void trustKey(TableId model);

    /**
     * Runs queries of one column each and keeps their distinct values as {@link StateNames#keys} of the model.
     *
     * @param type of the values
     */
    Keys stageKeys(TableId model, DataType type, List<String> queries);

    /** The values that a column has in the {@link StateNames#delta} of its table. */
    record ChangedValues(TableId table, String column) implements Comparable<ChangedValues> {
        @Override
        public int compareTo(ChangedValues other) {
            int tables = table.compareTo(other.table);
            return tables != 0 ? tables : column.compareTo(other.column);
        }
    }

    /**
     * The rows of a source table that have certain values, where the transaction found them already when it compared the table's changes. It does that for what
     * was asked for in earlier transactions.
     *
     * @param column of the table, of the type that the values have
     * @param values of tables whose change can be read
     * @return a relation with these rows in all of the table's columns, and no rows that the table does not have; empty when they have to be looked for
     */
    Optional<String> atHand(TableId table, String column, List<ChangedValues> values);

    /**
     * The rows of a table that have certain values. They are looked for once in a transaction, however many models ask.
     *
     * @param column of the table, of the type that the values have
     * @param values of tables whose change can be read
     * @param columns that the rows are needed with, in the table's order
     * @return a relation with at least these columns and these rows, and no rows that the table does not have
     */
    String matching(TableId table, String column, List<ChangedValues> values, List<String> columns);

    /**
     * New values for rows that stay.
     *
     * @param column of the output, by which they are found
     * @param sql a query for each value of the column whose rows have new values: the value as {@link #KEY}, which is there once, and what the new ones are made of
     * @param values for columns of the output expressions over {@link #STORED} and {@link #NEW}
     */
    record Correction(String column, String sql, Map<String, String> values) {

        /** In expressions: the stored row. */
        public static final String STORED = "_freshet_stored";

        /** In expressions: what the query has for it. */
        public static final String NEW = "_freshet_new";

        public Correction {
            values = Map.copyOf(values);
        }
    }

    /**
     * Replaces the rows of a model's output whose {@code keyColumn} is one of its {@link StateNames#keys} by those of this query.
     *
     * @param sql its rows with other keys are left out
     * @param correction of stored rows with other keys, in other columns than {@code keyColumn}
     * @throws ModelFailedException as {@link StateTransaction#recompute} does
     */
    TableDelta recomputeKeys(TableId model, String sql, String keyColumn, Keys keys, Optional<Correction> correction);

    /**
     * Adds and takes rows.
     *
     * @param sql the model's columns and {@link StateNames#WEIGHT}, the number of copies to add or, negative, to take
     * @param reads what the query reads
     * @return empty, and nothing is changed, when the output does not hold rows that should be taken
     * @throws ModelFailedException as {@link StateTransaction#recompute} does
     */
    Optional<TableDelta> applyDifference(TableId model, String sql, Reads reads);

    /**
     * The relation that {@link Totals#output} reads for the sums of this place in {@link Totals#sums}: {@link #GROUP} columns, {@link #COUNT}, {@link #SUM} columns and
     * {@link #VALUES} columns.
     */
    static String groups(int number) {
        return "temp.freshet_groups_" + number + "_";
    }

    /** A model's result is not made of more groupings than this. */
    int MOST_SUMS = 8;

    /** Followed by a number from 0: an expression that rows are grouped by. */
    String GROUP = "_freshet_group_";

    /** Followed by a number from 0: the sum of something, 0 when nothing was summed. */
    String SUM = "_freshet_sum_";

    /** Followed by a number from 0: how many rows of the group had something to sum, the others NULL. */
    String VALUES = "_freshet_values_";

    /** How many rows the group has. */
    String COUNT = "_freshet_count";

    /** Followed by a number from 0: what is summed, in a query for single rows. */
    String ADDEND = "_freshet_addend_";

    /** What the rows that groups give depend on. */
    enum Reach {
        /** Each on its own group alone. */
        GROUP,
        /** All groups: the result is ordered and limited, or groups meet each other in it. */
        ALL_GROUPS,
        /** All groups, and tables that changed. */
        TABLES
    }

    /** What a query for changed rows reads. */
    enum Reads {
        /** Changes, and what they meet in joins that find few rows in every step: it is quick as it is written. */
        LITTLE,
        TABLES
    }

    /**
     * Counts and sums of groups, which are kept beside a model's output.
     *
     * @param groups how many expressions make a group; with none there is one group, even without rows
     * @param addends how many things are summed, each of an exact type
     * @param all the rows to group: {@link #GROUP} and {@link #ADDEND} columns, and {@link StateNames#WEIGHT}, which is 1
     * @param changes the same for the rows that come, with weight 1, and those that go, with weight -1; empty when there are none
     * @param reads what the query for the changes reads
     */
    record Sums(int groups, int addends, String all, String changes, Reads reads) {}

    /**
     * How a model follows from counts and sums.
     *
     * @param output the model's rows, made of {@link #groups} and, where it needs all groups, of tables
     * @param reach of the output
     */
    record Totals(List<Sums> sums, String output, Reach reach) {
        public Totals {
            sums = List.copyOf(sums);
        }
    }

    /** Whether these counts and sums are there, so that {@link #applyTotals} only has to add to them. */
    boolean keepsTotals(TableId model, Totals totals);

    /**
     * Brings a model's output to its groups. Counts and sums that are missing, or were passed over by another way of computing the model, are made from all
     * rows first.
     *
     * @return empty, and nothing is changed, when counts and rows do not fit each other
     * @throws ModelFailedException as {@link StateTransaction#recompute} does
     */
    Optional<TableDelta> applyTotals(TableId model, Totals totals);
}

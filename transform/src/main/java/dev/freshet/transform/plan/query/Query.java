package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.DataType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A SELECT or a set operation. */
public sealed interface Query {

    /** Its columns; empty text for those that nobody can name. */
    List<String> names();

    /** The type of a column that is only copied from a table. */
    Optional<DataType> type(int column);

    /** LIMIT, OFFSET or the like: which rows are in depends on all of them. */
    boolean limited();

    /**
     * One column of a SELECT list.
     *
     * @param column what it copies, if it only copies
     * @param cast what it casts, if it only casts, and an error where a value can't be cast
     * @param expression empty for one of the columns that a star stands for
     */
    record Item(String name, Optional<ScopeColumn> column, Optional<ScopeColumn> cast, Optional<JsonNode> expression) {

        /** An expression of which no more is known, or a column. */
        Item(String name, Optional<ScopeColumn> column, Optional<JsonNode> expression) {
            this(name, column, Optional.empty(), expression);
        }
    }

    /**
     * A SELECT.
     *
     * @param from empty without FROM
     * @param aggregated rows are grouped, if only into one group
     * @param groups of the group expressions those that are columns
     * @param grouping the group expressions, with the expression in the place of a position or an alias
     * @param scope what names in its expressions stand for
     * @param windows for each window function the columns among its PARTITION BY expressions
     * @param distinct SELECT DISTINCT
     * @param distinctOn the columns among the expressions of DISTINCT ON
     * @param where equalities that the WHERE clause demands
     * @param nested the subqueries in expressions outside of FROM
     * @param unnests a row of FROM gives as many rows as a list in it has elements
     */
    record Block(
            ObjectNode node,
            Optional<JoinTree> from,
            List<Item> items,
            boolean aggregated,
            List<ScopeColumn> groups,
            List<JsonNode> grouping,
            Scope scope,
            List<List<ScopeColumn>> windows,
            boolean distinct,
            Optional<List<ScopeColumn>> distinctOn,
            boolean limited,
            List<Equality> where,
            List<Nested> nested,
            boolean unnests)
            implements Query {

        public Block {
            items = List.copyOf(items);
            groups = List.copyOf(groups);
            grouping = List.copyOf(grouping);
            windows = List.copyOf(windows);
            where = List.copyOf(where);
            nested = List.copyOf(nested);
        }

        @Override
        public List<String> names() {
            return items.stream().map(Item::name).toList();
        }

        @Override
        public Optional<DataType> type(int column) {
            return items.get(column).column().flatMap(ScopeColumn::type);
        }

        /** The rows of FROM that are grouped, without what is made of the groups. */
        Block ofRows() {
            return new Block(
                    node,
                    from,
                    items,
                    aggregated,
                    groups,
                    grouping,
                    scope,
                    List.of(),
                    false,
                    Optional.empty(),
                    false,
                    where,
                    nested(true),
                    unnests);
        }

        /** The subqueries in what is made of the rows. */
        List<Nested> nestedOutsideOfWhere() {
            return nested(false);
        }

        private List<Nested> nested(boolean inWhere) {
            Set<JsonNode> where = Collections.newSetFromMap(new IdentityHashMap<>());
            SyntaxTree.visit(node.path("where_clause"), where::add);
            return nested.stream()
                    .filter(each -> where.contains(each.node()) == inWhere)
                    .toList();
        }

        /** Each row of the result comes from one row of FROM, and nothing else decides over it. */
        public boolean isLinear() {
            return !aggregated
                    && windows.isEmpty()
                    && !distinct
                    && distinctOn.isEmpty()
                    && !limited
                    && !unnests
                    && nested.isEmpty();
        }
    }

    /** What a set operation does with its operands. */
    enum SetKind {
        UNION,
        INTERSECT,
        EXCEPT
    }

    record SetOperation(SetKind kind, boolean all, List<Query> operands, boolean limited, boolean distinct)
            implements Query {

        public SetOperation {
            operands = List.copyOf(operands);
        }

        @Override
        public List<String> names() {
            return operands.get(0).names();
        }

        /** One type only when every operand has it, so that nothing is cast. */
        @Override
        public Optional<DataType> type(int column) {
            Optional<DataType> type = operands.get(0).type(column);
            return operands.stream().allMatch(operand -> operand.type(column).equals(type)) ? type : Optional.empty();
        }
    }
}

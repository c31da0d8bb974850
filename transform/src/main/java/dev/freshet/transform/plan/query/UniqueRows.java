package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import dev.freshet.transform.plan.query.Query.SetKind;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells whether no two rows of a query's result can have the same values in some columns, where NULL is a value as any other, as long as the tables that it
 * reads hold their keys: by what it groups by, takes one of each of, or reads by whole keys, and by the labels of a union's operands.
 *
 * <p>In the terms of relational theory, a sufficient condition for a superkey: the columns that are fixed are closed under the equalities that joins and WHERE
 * demand, and every source must be fixed by its part of them.
 */
public final class UniqueRows {

    /** Equal as numbers is equal as values, whichever of these two columns have. */
    static final Set<DataType> INTEGERS = Set.of(Simple.SMALLINT, Simple.INTEGER, Simple.BIGINT, Simple.HUGEINT);

    /** Of which every value is written in one way. */
    private static final Set<DataType> TEXTS = Set.of(Simple.VARCHAR, Simple.UUID, Simple.DATE);

    private UniqueRows() {}

    /**
     * @param columns names of columns of the result, in any case
     * @return false also where it can't be told
     */
    public static boolean by(ParsedQuery parsed, List<String> columns) {
        if (columns.isEmpty() || parsed.hasCollations()) {
            return false;
        }
        List<String> names =
                parsed.query().names().stream().map(SyntaxTree::folded).toList();
        Set<Integer> indexes = new HashSet<>();
        for (String column : columns) {
            int index = names.indexOf(folded(column));
            if (index < 0 || names.lastIndexOf(folded(column)) != index) {
                return false;
            }
            indexes.add(index);
        }
        return by(parsed.query(), indexes);
    }

    static boolean by(Query query, Set<Integer> columns) {
        return query instanceof SetOperation operation ? by(operation, columns) : by((Block) query, columns);
    }

    private static boolean by(SetOperation operation, Set<Integer> columns) {
        boolean everyRowOnce = operation.distinct() || !operation.all();
        if (everyRowOnce && columns.size() == operation.names().size()) {
            return true;
        }
        // What operands have may be cast to a common type, in which different values can be equal.
        if (!columns.stream().allMatch(column -> typeName(operation, column).isPresent())) {
            return false;
        }
        return operation.kind() == SetKind.UNION
                ? columns.stream().anyMatch(column -> labels(operation, column).isPresent())
                        && operation.operands().stream().allMatch(operand -> by(operand, columns))
                : by(operation.operands().get(0), columns);
    }

    /** The texts that a column has, where each operand of a union gives its rows one of its own. */
    private static Optional<Set<String>> labels(Query query, int column) {
        if (query instanceof Block block) {
            return block.items()
                    .get(column)
                    .expression()
                    .filter(UniqueRows::isLabel)
                    .map(label -> Set.of(label.path("literal").path("text").asText()));
        }
        SetOperation operation = (SetOperation) query;
        Set<String> labels = new HashSet<>();
        for (Query operand : operation.operands()) {
            Optional<Set<String>> own = labels(operand, column);
            if (operation.kind() != SetKind.UNION
                    || own.isEmpty()
                    || !own.get().stream().allMatch(labels::add)) {
                return Optional.empty();
            }
        }
        return Optional.of(labels);
    }

    /** The engine's name of a column's type, where it can be told from the text. */
    private static Optional<String> typeName(Query query, int column) {
        if (query instanceof SetOperation operation) {
            Set<Optional<String>> names = operation.operands().stream()
                    .map(operand -> typeName(operand, column))
                    .collect(Collectors.toSet());
            return names.size() == 1 ? names.iterator().next() : Optional.empty();
        }
        Item item = ((Block) query).items().get(column);
        return item.column().flatMap(ScopeColumn::type).map(DataType::sql).or(() -> item.expression()
                .flatMap(UniqueRows::typeName));
    }

    /** That of a text, or of a cast to a type without parameters. */
    private static Optional<String> typeName(JsonNode expression) {
        JsonNode type = expression.path("type_expr");
        if (isType(expression, "OPERATOR_CAST")) {
            return type.path("children").isEmpty()
                    ? Optional.of(type.path("type_name").asText())
                    : Optional.empty();
        }
        return isLabel(expression) ? Optional.of(Simple.VARCHAR.sql()) : Optional.empty();
    }

    private static boolean isLabel(JsonNode expression) {
        return expression.path("literal").path("kind").asText().equals("STRING");
    }

    /** The column that an item of a SELECT list copies, or casts so that different values stay different. */
    static Optional<ScopeColumn> told(Block block, int index) {
        Item item = block.items().get(index);
        return item.column().or(() -> item.cast().filter(column -> column.type()
                .filter(type -> keepsApart(type, typeName(block, index)))
                .isPresent()));
    }

    private static boolean keepsApart(DataType from, Optional<String> to) {
        boolean text = to.equals(Optional.of(Simple.VARCHAR.sql()));
        boolean integer = INTEGERS.stream().map(DataType::sql).map(Optional::of).anyMatch(to::equals);
        return INTEGERS.contains(from) && (text || integer) || TEXTS.contains(from) && text;
    }

    private static boolean by(Block block, Set<Integer> columns) {
        if (block.unnests()) {
            return false;
        }
        if (block.from().isEmpty()
                || block.distinct() && columns.size() == block.items().size()) {
            return true;
        }
        FixedColumns fixed = new FixedColumns(block);
        columns.stream().flatMap(column -> told(block, column).stream()).forEach(fixed::add);
        if (isFirstOfEach(block, fixed)) {
            return true;
        }
        boolean rows = fixed.fixes(block.from().get());
        return block.aggregated()
                ? block.grouping().stream()
                        .allMatch(group -> isAmong(block, group, columns) || isOf(block, group, fixed))
                : rows;
    }

    /** With the place where it stands: repeated in another it may name something else, meant by a position or an alias it does not. */
    private static boolean isAmong(Block block, JsonNode group, Set<Integer> columns) {
        return columns.stream()
                .map(block.items()::get)
                .anyMatch(item -> item.expression().filter(group::equals).isPresent());
    }

    /** Whether a group depends on fixed columns alone. */
    private static boolean isOf(Block block, JsonNode group, FixedColumns fixed) {
        boolean[] known = {true};
        SyntaxTree.visit(group, part -> {
            if (isType(part, "COLUMN_REF")) {
                known[0] &= block.scope().resolve(part).filter(fixed::contains).isPresent();
            } else {
                known[0] &= !isClass(part, "SUBQUERY") && !isClass(part, "STAR") && !isClass(part, "LAMBDA");
            }
        });
        return known[0];
    }

    /** DISTINCT ON, or QUALIFY row_number() ... = 1: one row for each of some values. */
    private static boolean isFirstOfEach(Block block, FixedColumns fixed) {
        List<List<JsonNode>> each = new ArrayList<>();
        try {
            Modifiers.of(block.node()).distinctOn().ifPresent(each::add);
        } catch (UnsupportedQueryException e) {
            return false;
        }
        for (JsonNode condition : SyntaxTree.conjuncts(block.node().path("qualify"))) {
            compared(condition)
                    .flatMap(value -> isClass(value, "WINDOW") ? Optional.of(value) : byAlias(block, value))
                    .flatMap(UniqueRows::numbered)
                    .ifPresent(each::add);
        }
        return each.stream().anyMatch(values -> values.stream()
                .allMatch(value ->
                        block.scope().resolve(value).filter(fixed::contains).isPresent()));
    }

    /** The expression of the SELECT list that an alias means where no column is meant. */
    private static Optional<JsonNode> byAlias(Block block, JsonNode name) {
        JsonNode names = name.path("column_names");
        if (names.size() != 1 || block.scope().couldMean(names.get(0).asText())) {
            return Optional.empty();
        }
        List<Item> called = block.items().stream()
                .filter(item -> folded(item.name()).equals(folded(names.get(0).asText())))
                .toList();
        return called.size() == 1 ? called.get(0).expression() : Optional.empty();
    }

    /** What a condition demands to be the first: {@code x = 1}, {@code x <= 1}. */
    static Optional<JsonNode> compared(JsonNode condition) {
        JsonNode literal = condition.path("right").path("literal");
        return (isType(condition, "COMPARE_EQUAL") || isType(condition, "COMPARE_LESSTHANOREQUALTO"))
                        && literal.path("kind").asText().equals("INTEGER")
                        && literal.path("text").asText().equals("1")
                ? Optional.of(condition.path("left"))
                : Optional.empty();
    }

    /** The values for each of which a window function counts rows from 1. */
    static Optional<List<JsonNode>> numbered(JsonNode window) {
        List<JsonNode> partitions = new ArrayList<>();
        window.path("partitions").forEach(partitions::add);
        return isClass(window, "WINDOW")
                        && folded(window.path("function_name").asText()).equals("row_number")
                        && window.path("filter_expr").isNull()
                ? Optional.of(partitions)
                : Optional.empty();
    }
}

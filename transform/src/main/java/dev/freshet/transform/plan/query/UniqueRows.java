package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import dev.freshet.transform.plan.query.Query.SetKind;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tells whether no two rows of a query's result can have the same values in some columns, where NULL is a value as any other, as long as the tables that it
 * reads hold their keys: by what it groups by, takes one of each of, or reads by whole keys, and by the labels of a union's operands.
 *
 * <p>In the terms of relational theory, a sufficient condition for a superkey: the columns that are fixed are closed under the equalities that joins and WHERE
 * demand, and every source must be fixed by its part of them.
 */
public final class UniqueRows {

    /** Equal as numbers is equal as values, whichever of these two columns have. */
    private static final Set<DataType> INTEGERS =
            Set.of(Simple.SMALLINT, Simple.INTEGER, Simple.BIGINT, Simple.HUGEINT);

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

    private static boolean by(Query query, Set<Integer> columns) {
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
    private static Optional<ScopeColumn> told(Block block, int index) {
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
        Fixed fixed = new Fixed(block);
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
    private static boolean isOf(Block block, JsonNode group, Fixed fixed) {
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
    private static boolean isFirstOfEach(Block block, Fixed fixed) {
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
    private static Optional<JsonNode> compared(JsonNode condition) {
        JsonNode literal = condition.path("right").path("literal");
        return (isType(condition, "COMPARE_EQUAL") || isType(condition, "COMPARE_LESSTHANOREQUALTO"))
                        && literal.path("kind").asText().equals("INTEGER")
                        && literal.path("text").asText().equals("1")
                ? Optional.of(condition.path("left"))
                : Optional.empty();
    }

    /** The values for each of which a window function counts rows from 1. */
    private static Optional<List<JsonNode>> numbered(JsonNode window) {
        List<JsonNode> partitions = new ArrayList<>();
        window.path("partitions").forEach(partitions::add);
        return isClass(window, "WINDOW")
                        && folded(window.path("function_name").asText()).equals("row_number")
                        && window.path("filter_expr").isNull()
                ? Optional.of(partitions)
                : Optional.empty();
    }

    /** Columns of one FROM clause that two rows of it have the same values in. */
    private static final class Fixed {

        private final Set<ScopeColumn> columns = new HashSet<>();
        private final Set<Source> sources = new HashSet<>();
        private final List<Equality> equalities = new ArrayList<>();
        /** Sources of which only the first rows are in, with what they are numbered by. */
        private final Map<Source, List<ScopeColumn>> firsts = new HashMap<>();

        Fixed(Block block) {
            equalities.addAll(block.where());
            for (JsonNode condition : SyntaxTree.conjuncts(block.node().path("where_clause"))) {
                compared(condition)
                        .flatMap(value -> block.scope().resolve(value))
                        .ifPresent(this::addFirsts);
            }
        }

        private void addFirsts(ScopeColumn number) {
            number.source()
                    .query()
                    .filter(Block.class::isInstance)
                    .map(Block.class::cast)
                    .ifPresent(inner -> inner.items()
                            .get(number.index())
                            .expression()
                            .flatMap(UniqueRows::numbered)
                            .map(partitions -> partitions.stream()
                                    .map(inner.scope()::resolve)
                                    .toList())
                            .filter(partitions -> partitions.stream().allMatch(Optional::isPresent))
                            .ifPresent(partitions -> firsts.put(
                                    number.source(),
                                    partitions.stream()
                                            .flatMap(Optional::stream)
                                            .toList())));
        }

        void add(ScopeColumn column) {
            columns.add(column);
            close();
        }

        boolean contains(ScopeColumn column) {
            return columns.contains(column) || sources.contains(column.source());
        }

        /** Whether no more than one row of it has these values. Its columns are fixed then as well. */
        boolean fixes(JoinTree tree) {
            if (tree instanceof One one) {
                if (!fixes(one.source())) {
                    return false;
                }
                sources.add(one.source());
                close();
                return true;
            }
            Join join = (Join) tree;
            return switch (join.kind()) {
                case INNER -> {
                    equalities.addAll(join.equalities());
                    close();
                    yield fixes(join.left()) && fixes(join.right()) || fixes(join.right()) && fixes(join.left());
                }
                case LEFT -> fixes(join.left()) && (join.isAsOf() || meetsOne(join, join.right()));
                case RIGHT -> fixes(join.right()) && meetsOne(join, join.left());
                case SEMI, ANTI -> fixes(join.left());
                case FULL -> false;
            };
        }

        /** Where a row meets nothing, it has no values on this side: its equalities say something of this side alone. */
        private boolean meetsOne(Join join, JoinTree side) {
            for (Equality equality : join.equalities()) {
                boolean left = side.visible().contains(equality.left().source());
                ScopeColumn met = left ? equality.left() : equality.right();
                ScopeColumn other = left ? equality.right() : equality.left();
                if (left != side.visible().contains(equality.right().source())
                        && contains(other)
                        && meansTheSame(equality)) {
                    columns.add(met);
                }
            }
            close();
            return fixes(side);
        }

        private boolean fixes(Source source) {
            Set<Integer> known = IntStream.range(0, source.names().size())
                    .filter(column -> contains(new ScopeColumn(source, column)))
                    .boxed()
                    .collect(Collectors.toSet());
            if (source.leaf().isPresent()) {
                List<String> key = source.leaf().get().schema().key();
                return !key.isEmpty()
                        && known.stream()
                                .map(column -> source.leaf()
                                        .get()
                                        .schema()
                                        .columns()
                                        .get(column)
                                        .name())
                                .collect(Collectors.toSet())
                                .containsAll(key);
            }
            return source.query()
                    .filter(query -> standsAlone(query)
                            && (by(query, known) || firsts.containsKey(source) && numbersBy(source, query, known)))
                    .isPresent();
        }

        private boolean numbersBy(Source source, Query query, Set<Integer> known) {
            Set<ScopeColumn> inner = known.stream()
                    .flatMap(column -> told((Block) query, column).stream())
                    .collect(Collectors.toSet());
            return inner.containsAll(firsts.get(source));
        }

        /** What names columns beside it gives other rows for each row there. */
        private static boolean standsAlone(Query query) {
            try {
                new LineageReader().requireNothingOutside(query);
                return true;
            } catch (UnsupportedQueryException e) {
                return false;
            }
        }

        private void close() {
            boolean more = true;
            while (more) {
                more = equalities.stream()
                        .filter(UniqueRows::meansTheSame)
                        .flatMap(equality -> Stream.of(
                                        contains(equality.left()) ? equality.right() : null,
                                        contains(equality.right()) ? equality.left() : null)
                                .filter(column -> column != null && !columns.contains(column)))
                        .toList()
                        .stream()
                        .map(columns::add)
                        .reduce(false, Boolean::logicalOr);
            }
        }
    }

    /** Values of different types can be equal without being the same: 1 and '01', a large number and a floating point one near it. */
    private static boolean meansTheSame(Equality equality) {
        Optional<DataType> left = equality.left().type();
        Optional<DataType> right = equality.right().type();
        return left.isPresent()
                && right.isPresent()
                && (left.equals(right) || INTEGERS.contains(left.get()) && INTEGERS.contains(right.get()));
    }
}

package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.DataType;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
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
 * Columns of one FROM clause that two rows of it have the same values in, closed under the equalities that joins and WHERE demand. A source is fixed when no
 * more than one of its rows has them.
 */
final class FixedColumns {

    private final Set<ScopeColumn> columns = new HashSet<>();
    private final Set<Source> sources = new HashSet<>();
    private final List<Equality> equalities = new ArrayList<>();
    /** Sources of which only the first rows are in, with what they are numbered by. */
    private final Map<Source, List<ScopeColumn>> firsts = new HashMap<>();

    FixedColumns(Block block) {
        equalities.addAll(block.where());
        for (JsonNode condition : SyntaxTree.conjuncts(block.node().path("where_clause"))) {
            UniqueRows.compared(condition)
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
                        .map(partitions ->
                                partitions.stream().map(inner.scope()::resolve).toList())
                        .filter(partitions -> partitions.stream().allMatch(Optional::isPresent))
                        .ifPresent(partitions -> firsts.put(
                                number.source(),
                                partitions.stream().flatMap(Optional::stream).toList())));
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
                .filter(query -> LineageReader.standsAlone(query)
                        && (UniqueRows.by(query, known)
                                || firsts.containsKey(source) && numbersBy(source, query, known)))
                .isPresent();
    }

    private boolean numbersBy(Source source, Query query, Set<Integer> known) {
        Set<ScopeColumn> inner = known.stream()
                .flatMap(column -> UniqueRows.told((Block) query, column).stream())
                .collect(Collectors.toSet());
        return inner.containsAll(firsts.get(source));
    }

    private void close() {
        boolean more = true;
        while (more) {
            more = equalities.stream()
                    .filter(FixedColumns::meansTheSame)
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

    /** Values of different types can be equal without being the same: 1 and '01', a large number and a floating point one near it. */
    private static boolean meansTheSame(Equality equality) {
        Optional<DataType> left = equality.left().type();
        Optional<DataType> right = equality.right().type();
        return left.isPresent()
                && right.isPresent()
                && (left.equals(right)
                        || UniqueRows.INTEGERS.contains(left.get()) && UniqueRows.INTEGERS.contains(right.get()));
    }
}

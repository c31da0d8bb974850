package dev.freshet.transform.plan.query;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A way to cut a query's result into parts that do not know of each other: the rows with one value of a result column depend, in each of some leaves,
 * on the rows with that value of a column, and on everything in the others. So the rows with a set of values are computed from restricted leaves:
 * the restriction is written below joins, aggregates and windows, down to the tables.
 */
public final class Partitioning {

    private final Query query;
    private final int column;
    private final Map<Integer, String> restricted;

    private Partitioning(Query query, int column, Map<Integer, String> restricted) {
        this.query = query;
        this.column = column;
        this.restricted = restricted;
    }

    /** All partitionings by one column of the result, in the order of its columns. */
    public static List<Partitioning> of(Query query) {
        List<Partitioning> found = new ArrayList<>();
        for (int column = 0; column < query.names().size(); column++) {
            Map<Integer, String> leaves = new TreeMap<>();
            if (restrict(query, column, leaves)) {
                found.add(new Partitioning(query, column, leaves));
            }
        }
        return found;
    }

    /** The result's column, counted from 0. */
    public int column() {
        return column;
    }

    /** The column of a leaf by which it is restricted, if it is. */
    public Optional<String> columnOf(Leaf leaf) {
        return Optional.ofNullable(restricted.get(leaf.number()));
    }

    Query query() {
        return query;
    }

    /** Whether equal values of a type are the same value, so that rows can be told apart by it. */
    public static boolean isKeyType(DataType type) {
        return type instanceof Simple simple
                ? switch (simple) {
                    case BOOLEAN,
                            SMALLINT,
                            INTEGER,
                            BIGINT,
                            HUGEINT,
                            VARCHAR,
                            DATE,
                            TIME,
                            TIMESTAMP,
                            TIMESTAMPTZ,
                            UUID -> true;
                    case REAL, DOUBLE, JSON, BLOB, INTERVAL -> false;
                }
                : type instanceof DataType.Decimal;
    }

    /** @return false when it can't be done; {@code leaves} is then worth nothing */
    private static boolean restrict(Query query, int column, Map<Integer, String> leaves) {
        if (query.limited()
                || query.type(column).filter(Partitioning::isKeyType).isEmpty()) {
            return false;
        }
        if (query instanceof SetOperation operation) {
            return operation.operands().stream().allMatch(operand -> restrict(operand, column, leaves));
        }
        Block block = (Block) query;
        Optional<ScopeColumn> copied = block.items().get(column).column();
        return copied.isPresent()
                && block.from().isPresent()
                && admits(block, copied.get())
                && restrict(block.from().get(), copied.get(), block.where(), leaves);
    }

    /** Whether rows with different values of a column never meet in the block. */
    private static boolean admits(Block block, ScopeColumn column) {
        return (!block.aggregated() || block.groups().contains(column))
                && block.windows().stream().allMatch(partition -> partition.contains(column))
                && (block.distinctOn().isEmpty() || block.distinctOn().get().contains(column));
    }

    /** @param where equalities that hold for every row that leaves this tree, because nothing above it makes NULLs */
    private static boolean restrict(
            JoinTree tree, ScopeColumn column, List<Equality> where, Map<Integer, String> leaves) {
        if (tree instanceof One one) {
            return restrict(one.source(), column, leaves);
        }
        Join join = (Join) tree;
        boolean inLeft = join.left().visible().contains(column.source());
        JoinTree owner = inLeft ? join.left() : join.right();
        JoinTree other = inLeft ? join.right() : join.left();
        switch (join.kind()) {
            case INNER -> {
                List<Equality> all = new ArrayList<>(join.equalities());
                all.addAll(where);
                return restrict(owner, column, where, leaves) && offer(owner, other, column, all, where, leaves);
            }
            case LEFT, SEMI, ANTI, RIGHT -> {
                boolean preserved = inLeft == (join.kind() != Kind.RIGHT);
                return preserved
                        && restrict(owner, column, List.of(), leaves)
                        && offer(owner, other, column, join.equalities(), List.of(), leaves);
            }
            case FULL -> {
                return false;
            }
        }
        throw new IllegalStateException("unknown join " + join.kind());
    }

    /** Restricts the other side of a join where that can be done; it need not be. Always true. */
    private static boolean offer(
            JoinTree owner,
            JoinTree other,
            ScopeColumn column,
            List<Equality> equalities,
            List<Equality> where,
            Map<Integer, String> leaves) {
        Set<ScopeColumn> same = equal(owner, column, where);
        for (Equality equality : equalities) {
            Optional<ScopeColumn> partner = partner(equality, same);
            if (partner.isPresent() && other.visible().contains(partner.get().source())) {
                Map<Integer, String> attempt = new TreeMap<>(leaves);
                if (restrict(other, partner.get(), where, attempt)) {
                    leaves.putAll(attempt);
                    return true;
                }
            }
        }
        return true;
    }

    /** The columns that equal this one in every row that a tree gives. */
    private static Set<ScopeColumn> equal(JoinTree tree, ScopeColumn column, List<Equality> where) {
        List<Equality> known = new ArrayList<>(where);
        collect(tree, known);
        Set<ScopeColumn> same = new HashSet<>(Set.of(column));
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Equality equality : known) {
                grown |= partner(equality, same).map(same::add).orElse(false);
            }
        }
        return same;
    }

    private static void collect(JoinTree tree, List<Equality> known) {
        if (tree instanceof Join join) {
            if (join.kind() == Kind.INNER) {
                known.addAll(join.equalities());
                collect(join.right(), known);
            }
            if (join.kind() != Kind.RIGHT && join.kind() != Kind.FULL) {
                collect(join.left(), known);
            } else if (join.kind() == Kind.RIGHT) {
                collect(join.right(), known);
            }
        }
    }

    /** The other side of an equality of which one side is known, if both are of one type, so that nothing is cast. */
    private static Optional<ScopeColumn> partner(Equality equality, Set<ScopeColumn> known) {
        boolean left = known.contains(equality.left());
        boolean right = known.contains(equality.right());
        if (left == right
                || equality.left().type().isEmpty()
                || !equality.left().type().equals(equality.right().type())) {
            return Optional.empty();
        }
        return Optional.of(left ? equality.right() : equality.left());
    }

    private static boolean restrict(Source source, ScopeColumn column, Map<Integer, String> leaves) {
        if (source.leaf().isPresent()) {
            Leaf leaf = source.leaf().get();
            if (!isKeyType(leaf.schema().columns().get(column.index()).type())) {
                return false;
            }
            leaves.put(
                    leaf.number(), leaf.schema().columns().get(column.index()).name());
            return true;
        }
        return source.query().isPresent() && restrict(source.query().get(), column.index(), leaves);
    }
}

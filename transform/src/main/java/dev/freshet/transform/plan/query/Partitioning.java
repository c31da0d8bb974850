package dev.freshet.transform.plan.query;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A way to cut a query's result into parts that do not know of each other: the rows with one value of a column depend, in each of some leaves, on the
 * rows with that value of a column, and on everything in the others. So the rows with a set of values are computed from restricted leaves: the
 * restriction is written below joins, aggregates, windows and subqueries, down to the tables.
 *
 * <p>The column is one of the result, or one of the rows that a block groups, which need not be in the result.
 */
public final class Partitioning {

    private final Query query;
    private final int column;
    private final ScopeColumn copied;
    private final Restriction restriction;

    /** What is restricted: leaves by a column's name, and subqueries in expressions by what. */
    private static final class Restriction {
        private final Map<Integer, String> leaves = new TreeMap<>();
        /** Of these leaves those whose rows with NULL can be in the result, or decide over it. */
        private final Set<Integer> nulls = new TreeSet<>();
        /** Of those the ones whose rows with NULL meet others of their part. */
        private final Set<Integer> together = new TreeSet<>();
        /** By a column of the subquery's FROM clause; empty for the column of its result. */
        private final Map<Nested, Optional<ScopeColumn>> nested = new IdentityHashMap<>();

        Restriction copy() {
            Restriction copy = new Restriction();
            copy.add(this);
            return copy;
        }

        void add(Restriction other) {
            leaves.putAll(other.leaves);
            nulls.addAll(other.nulls);
            together.addAll(other.together);
            nested.putAll(other.nested);
        }
    }

    /** @param column the result's, or -1 for one of a block's rows */
    private Partitioning(Query query, int column, ScopeColumn copied, Restriction restriction) {
        this.query = query;
        this.column = column;
        this.copied = copied;
        this.restriction = restriction;
    }

    /** All partitionings by one column of the result, in the order of its columns. */
    public static List<Partitioning> of(Query query) {
        List<Partitioning> found = new ArrayList<>();
        for (int column = 0; column < query.names().size(); column++) {
            byResult(query, column).ifPresent(found::add);
        }
        return found;
    }

    static Optional<Partitioning> byResult(Query query, int column) {
        Restriction restriction = new Restriction();
        return restrict(query, column, NullRows.TOGETHER, restriction)
                ? Optional.of(new Partitioning(query, column, copied(query, column), restriction))
                : Optional.empty();
    }

    private static ScopeColumn copied(Query query, int column) {
        return query instanceof SetOperation operation
                ? copied(operation.operands().get(0), column)
                : ((Block) query).items().get(column).column().orElseThrow();
    }

    /** All partitionings of the rows that a block groups, by the columns of its FROM clause. */
    public static List<Partitioning> ofRows(Block block) {
        List<Partitioning> found = new ArrayList<>();
        for (Source source : block.from().map(JoinTree::visible).orElse(List.of())) {
            for (int i = 0; i < source.names().size(); i++) {
                if (!source.names().get(i).isEmpty()) {
                    byRows(block, new ScopeColumn(source, i)).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    static Optional<Partitioning> byRows(Block block, ScopeColumn column) {
        Restriction restriction = new Restriction();
        return column.type().filter(Partitioning::isKeyType).isPresent()
                        && restrictRows(
                                block,
                                column,
                                Set.of(),
                                NullRows.ALONE.in(
                                        !block.unnests() && block.nested().isEmpty()),
                                restriction)
                ? Optional.of(new Partitioning(block, -1, column, restriction))
                : Optional.empty();
    }

    /** The result's column, counted from 0; -1 for one of a block's rows. */
    public int column() {
        return column;
    }

    /** What the column is called where it comes from. */
    public String name() {
        return copied.name();
    }

    /** The type that the column has in each restricted leaf. */
    public DataType type() {
        return copied.type().orElseThrow();
    }

    int restrictedLeaves() {
        return restriction.leaves.size();
    }

    /** Whether the column is the key of the table that it comes from. */
    boolean isOfSingleRows() {
        Source source = copied.source();
        return source.leaf().isPresent()
                && source.leaf()
                        .get()
                        .schema()
                        .key()
                        .equals(List.of(source.leaf()
                                .get()
                                .schema()
                                .columns()
                                .get(copied.index())
                                .name()));
    }

    /** What becomes of rows that have NULL in the column. */
    private enum NullRows {
        /** They meet others of the same part. */
        TOGETHER,
        /** Each makes rows of the result by itself. */
        ALONE,
        /** An equality drops them, or keeps them from meeting anything. */
        NOWHERE;

        NullRows in(boolean rowByRow) {
            return this == ALONE && !rowByRow ? TOGETHER : this;
        }

        NullRows where(boolean equality) {
            return equality ? NOWHERE : this;
        }
    }

    /** Whether rows with NULL in the column of a restricted leaf are in the result, or decide over it. */
    public boolean mindsNull(Leaf leaf) {
        return restriction.nulls.contains(leaf.number());
    }

    /**
     * Whether each row with NULL in the column makes rows of the result by itself, so that of those only the changed ones have to be read.
     *
     * @param leaves all that the query reads
     */
    public boolean isNullRowByRow(Collection<Leaf> leaves) {
        return restriction.together.isEmpty()
                && leaves.stream().allMatch(leaf -> columnOf(leaf).isPresent());
    }

    /** The column of a leaf by which it is restricted, if it is. */
    public Optional<String> columnOf(Leaf leaf) {
        return Optional.ofNullable(restriction.leaves.get(leaf.number()));
    }

    Query query() {
        return query;
    }

    /** Of the block's FROM clause, for one of its rows. */
    ScopeColumn copied() {
        return copied;
    }

    boolean isRestricted(Nested nested) {
        return restriction.nested.containsKey(nested);
    }

    /** The column of a restricted subquery's FROM clause by which it is; empty for that of its result. */
    Optional<ScopeColumn> columnOf(Nested nested) {
        return Objects.requireNonNull(restriction.nested.get(nested));
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

    /** @return false when it can't be done; the restriction is then worth nothing */
    private static boolean restrict(Query query, int column, NullRows nulls, Restriction restriction) {
        if (query.limited()
                || query.type(column).filter(Partitioning::isKeyType).isEmpty()) {
            return false;
        }
        if (query instanceof SetOperation operation) {
            return operation.operands().stream()
                    .allMatch(operand -> restrict(operand, column, nulls.in(false), restriction));
        }
        Block block = (Block) query;
        Optional<ScopeColumn> copied = block.items().get(column).column();
        return copied.isPresent()
                && admits(block, copied.get())
                && restrictRows(block, copied.get(), Set.of(), nulls.in(block.isLinear()), restriction);
    }

    /**
     * Restricts what a block reads.
     *
     * @param outside columns around the block that have the same value as the column
     */
    private static boolean restrictRows(
            Block block, ScopeColumn column, Set<ScopeColumn> outside, NullRows nulls, Restriction restriction) {
        if (block.from().isEmpty()) {
            return false;
        }
        Set<ScopeColumn> same = equal(block.from().get(), column, block.where());
        if (!restrict(block.from().get(), column, block.where(), nulls.where(same.size() > 1), restriction)) {
            return false;
        }
        same.addAll(outside);
        block.nested().forEach(nested -> offer(nested, same, restriction));
        return true;
    }

    /** Restricts a subquery where that can be done; it need not be. */
    private static void offer(Nested nested, Set<ScopeColumn> same, Restriction restriction) {
        for (Equality correlation : nested.correlations()) {
            Restriction attempt = restriction.copy();
            if (same.contains(correlation.left())
                    && isSameType(correlation.left().type(), correlation.right().type())
                    && nested.query() instanceof Block block
                    && restrictRows(block, correlation.right(), same, NullRows.NOWHERE, attempt)) {
                attempt.nested.put(nested, Optional.of(correlation.right()));
                restriction.add(attempt);
                return;
            }
        }
        Restriction attempt = restriction.copy();
        if (nested.member().filter(same::contains).isPresent()
                && isSameType(nested.member().get().type(), nested.query().type(0))
                && restrict(nested.query(), 0, NullRows.NOWHERE, attempt)) {
            attempt.nested.put(nested, Optional.empty());
            restriction.add(attempt);
        }
    }

    static boolean isSameType(Optional<DataType> left, Optional<DataType> right) {
        return left.isPresent() && left.equals(right);
    }

    /** Whether rows with different values of a column never meet in the block. */
    private static boolean admits(Block block, ScopeColumn column) {
        return (!block.aggregated() || block.groups().contains(column))
                && block.windows().stream().allMatch(partition -> partition.contains(column))
                && (block.distinctOn().isEmpty() || block.distinctOn().get().contains(column));
    }

    /** @param where equalities that hold for every row that leaves this tree, because nothing above it makes NULLs */
    private static boolean restrict(
            JoinTree tree, ScopeColumn column, List<Equality> where, NullRows around, Restriction restriction) {
        if (tree instanceof One one) {
            return restrict(one.source(), column, around, restriction);
        }
        Join join = (Join) tree;
        NullRows nulls = around.in(!join.subqueries());
        boolean inLeft = join.left().visible().contains(column.source());
        JoinTree owner = inLeft ? join.left() : join.right();
        JoinTree other = inLeft ? join.right() : join.left();
        switch (join.kind()) {
            case INNER -> {
                List<Equality> all = new ArrayList<>(join.equalities());
                all.addAll(where);
                return restrict(owner, column, where, nulls, restriction)
                        && offer(owner, other, column, all, where, restriction);
            }
            case LEFT, SEMI, ANTI, RIGHT -> {
                boolean preserved = inLeft == (join.kind() != Kind.RIGHT);
                return preserved
                        && restrict(owner, column, List.of(), nulls, restriction)
                        && offer(owner, other, column, join.equalities(), List.of(), restriction);
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
            Restriction restriction) {
        // What the WHERE clause demands reaches into both sides.
        Set<ScopeColumn> partners = equal(owner, column, where);
        equalities.forEach(equality -> partner(equality, Set.copyOf(partners)).ifPresent(partners::add));
        for (ScopeColumn partner : partners) {
            if (other.visible().contains(partner.source())) {
                Restriction attempt = restriction.copy();
                if (restrict(other, partner, where, NullRows.NOWHERE, attempt)) {
                    restriction.add(attempt);
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
        Set<ScopeColumn> same = new LinkedHashSet<>(Set.of(column));
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
                || !isSameType(equality.left().type(), equality.right().type())) {
            return Optional.empty();
        }
        return Optional.of(left ? equality.right() : equality.left());
    }

    private static boolean restrict(Source source, ScopeColumn column, NullRows nulls, Restriction restriction) {
        if (source.leaf().isPresent()) {
            Leaf leaf = source.leaf().get();
            if (!isKeyType(leaf.schema().columns().get(column.index()).type())) {
                return false;
            }
            restriction.leaves.put(
                    leaf.number(), leaf.schema().columns().get(column.index()).name());
            if (nulls != NullRows.NOWHERE) {
                restriction.nulls.add(leaf.number());
            }
            if (nulls == NullRows.TOGETHER) {
                restriction.together.add(leaf.number());
            }
            return true;
        }
        return source.query().isPresent() && restrict(source.query().get(), column.index(), nulls, restriction);
    }
}

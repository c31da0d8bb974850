package dev.freshet.transform.plan.query;

import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetKind;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A query that makes rows of changed tables' rows each by itself: it filters, computes and unites them, and finds for each at most one row of a table that did not
 * change. Over bags such a query is linear: what it gives of the rows that came is what comes, and what it gives of those that left is what leaves.
 */
public final class RowByRow {

    /** What the query has to read in the place of a leaf. */
    public enum Part {
        /** The changed rows. */
        CHANGES,
        /** All rows, since changed ones meet them. */
        ALL,
        /** Nothing: its rows are united with those of others, and did not change. */
        NOTHING
    }

    private enum Effect {
        NONE,
        ROW_BY_ROW,
        OTHER
    }

    private final Predicate<TableId> changed;
    private final SettledRows settled;
    private final Set<Leaf> followed = new HashSet<>();
    private final Set<Leaf> beside = new HashSet<>();

    private RowByRow(ParsedQuery parsed, Predicate<TableId> changed) {
        this.settled = new SettledRows(parsed);
        this.changed = changed;
    }

    /**
     * @param changed the tables that changed
     * @return empty when rows that did not change may decide over others, or when a changed row may meet many
     */
    public static Optional<RowByRow> of(ParsedQuery parsed, Predicate<TableId> changed) {
        RowByRow rows = new RowByRow(parsed, changed);
        return !parsed.hasCollations()
                        && rows.effect(parsed.query()) == Effect.ROW_BY_ROW
                        && parsed.leaves().stream()
                                .filter(leaf -> changed.test(leaf.table()))
                                .allMatch(rows.followed::contains)
                ? Optional.of(rows)
                : Optional.empty();
    }

    public Part of(Leaf leaf) {
        return followed.contains(leaf) ? Part.CHANGES : beside.contains(leaf) ? Part.NOTHING : Part.ALL;
    }

    /** Of the tables that changed; those of subqueries in expressions are not among what is followed. */
    private Effect effect(Query query) {
        if (query instanceof SetOperation operation) {
            return effect(operation);
        }
        Block block = (Block) query;
        Effect rows = block.from().map(from -> effect(block, from)).orElse(Effect.NONE);
        return rows == Effect.ROW_BY_ROW && !makesEachByItself(block) ? Effect.OTHER : rows;
    }

    private static boolean makesEachByItself(Block block) {
        return !block.aggregated()
                && block.windows().isEmpty()
                && !block.distinct()
                && block.distinctOn().isEmpty()
                && !block.limited()
                && block.nested().isEmpty()
                && SyntaxTree.isAbsent(block.node(), "qualify");
    }

    private Effect effect(SetOperation operation) {
        List<Effect> effects = operation.operands().stream().map(this::effect).toList();
        if (effects.stream().allMatch(effect -> effect == Effect.NONE)) {
            return Effect.NONE;
        }
        if (operation.kind() != SetKind.UNION
                || !operation.all()
                || operation.limited()
                || operation.distinct()
                || effects.contains(Effect.OTHER)) {
            return Effect.OTHER;
        }
        for (int i = 0; i < effects.size(); i++) {
            if (effects.get(i) == Effect.NONE) {
                leaveOut(operation.operands().get(i));
            }
        }
        return Effect.ROW_BY_ROW;
    }

    private void leaveOut(Query query) {
        if (query instanceof SetOperation operation) {
            operation.operands().forEach(this::leaveOut);
        } else {
            ((Block) query).from().ifPresent(this::leaveOut);
        }
    }

    private void leaveOut(JoinTree tree) {
        if (tree instanceof Join join) {
            leaveOut(join.left());
            leaveOut(join.right());
            return;
        }
        Source source = ((One) tree).source();
        source.leaf().ifPresent(beside::add);
        source.query().ifPresent(this::leaveOut);
    }

    private Effect effect(Block block, JoinTree tree) {
        if (tree instanceof Join join) {
            return effect(block, join);
        }
        Source source = ((One) tree).source();
        if (source.leaf().filter(leaf -> changed.test(leaf.table())).isPresent()) {
            followed.add(source.leaf().get());
            return Effect.ROW_BY_ROW;
        }
        return source.query().map(this::effect).orElse(Effect.NONE);
    }

    private Effect effect(Block block, Join join) {
        Effect left = effect(block, join.left());
        Effect right = effect(block, join.right());
        if (left == Effect.NONE && right == Effect.NONE) {
            return Effect.NONE;
        }
        // Changes of both sides meet each other.
        boolean follows = !join.subqueries()
                && (right == Effect.NONE
                        ? left == Effect.ROW_BY_ROW && followsLeft(block, join)
                        : left == Effect.NONE && right == Effect.ROW_BY_ROW && followsRight(block, join));
        return follows ? Effect.ROW_BY_ROW : Effect.OTHER;
    }

    /** What the other side gives must be the same each time: rows that leave are found by what they meet now. */
    private boolean followsLeft(Block block, Join join) {
        return settled.areOf(join.right())
                && switch (join.kind()) {
                    case INNER, LEFT -> !join.isAsOf() && meetsFew(block, join, join.right());
                    case SEMI, ANTI -> true;
                    case RIGHT, FULL -> false;
                };
    }

    private boolean followsRight(Block block, Join join) {
        return settled.areOf(join.left())
                && (join.kind() == Kind.INNER || join.kind() == Kind.RIGHT)
                && meetsFew(block, join, join.left());
    }

    /**
     * Whether no more rows of this side are met by a changed row than by any other: it is one table whose whole key equals what the other side has, or it comes
     * of no table.
     */
    private static boolean meetsFew(Block block, Join join, JoinTree side) {
        if (side instanceof One one && !one.source().node().toString().contains(Template.MARKER)) {
            return true;
        }
        Optional<Leaf> leaf = side.onlyTable();
        if (leaf.isEmpty() || !leaf.get().schema().isKeyed()) {
            return false;
        }
        Source source = ((One) side).source();
        Set<String> given = new HashSet<>();
        Stream.concat(join.equalities().stream(), block.where().stream())
                .filter(equality -> equality.left().source().equals(source)
                        != equality.right().source().equals(source))
                .map(equality -> equality.left().source().equals(source) ? equality.left() : equality.right())
                .flatMap(column -> column.copied().stream())
                .forEach(given::add);
        return given.containsAll(leaf.get().schema().key());
    }
}

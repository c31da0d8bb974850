package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the keys of a {@link Partitioning} that a change of an unrestricted leaf affects: those of the rows that the changed rows meet in the FROM clause
 * where the key comes from. The query for it is that clause with the leaf's changed rows in the place of the leaf and with outer joins to it made
 * inner; other leaves that changed and are not restricted must be given with their rows of before and after.
 */
public final class AffectedKeys {

    private final ParsedQuery parsed;

    public AffectedKeys(ParsedQuery parsed) {
        this.parsed = parsed;
    }

    /** @return a query of one column; empty when such a change may affect keys that can't be found so */
    public Optional<Template> of(Partitioning partitioning, Leaf leaf) throws UnsupportedQueryException {
        return leaf.inExpression() ? Optional.empty() : of(partitioning.query(), partitioning.column(), leaf);
    }

    private Optional<Template> of(Query query, int column, Leaf leaf) throws UnsupportedQueryException {
        if (query instanceof SetOperation operation) {
            for (Query operand : operation.operands()) {
                if (contains(operand, leaf)) {
                    return of(operand, column, leaf);
                }
            }
            return Optional.empty();
        }
        Block block = (Block) query;
        ScopeColumn key = block.items().get(column).column().orElseThrow();
        if (key.source().query().isPresent() && contains(key.source(), leaf)) {
            return of(key.source().query().get(), key.index(), leaf);
        }
        List<Runnable> undo = new ArrayList<>();
        try {
            return isLinked(block, leaf, undo) ? Optional.of(select(block, key)) : Optional.empty();
        } finally {
            undo.forEach(Runnable::run);
        }
    }

    private Template select(Block block, ScopeColumn key) throws UnsupportedQueryException {
        ObjectNode select = parsed.emptySelect();
        String alias = key.source().alias();
        select.putArray("select_list")
                .add(parsed.expression(
                        (alias.isEmpty() ? "" : StateNames.quote(alias) + ".") + StateNames.quote(key.name())));
        select.set("from_table", block.node().get("from_table"));
        select.set("where_clause", block.node().get("where_clause"));
        return parsed.template(select);
    }

    /**
     * Prepares a block so that its FROM clause gives every row that a row of the leaf is part of.
     *
     * @param undo receives what takes the changes to the tree back
     * @return false when that can't be done
     */
    private static boolean isLinked(Block block, Leaf leaf, List<Runnable> undo) {
        JoinTree tree = block.from().orElseThrow();
        if (!isLinked(tree, leaf, undo)) {
            return false;
        }
        if (isInner(tree)) {
            return true;
        }
        // The WHERE clause may ask for the NULLs of an outer join that is an inner one now.
        replace(block.node(), "where_clause", block.node().nullNode(), undo);
        return !hasCross(tree);
    }

    private static boolean isLinked(JoinTree tree, Leaf leaf, List<Runnable> undo) {
        if (tree instanceof One one) {
            Source source = one.source();
            if (source.leaf().isPresent()) {
                return source.leaf().get().equals(leaf);
            }
            return source.query().isPresent()
                    && source.query().get() instanceof Block block
                    && block.isLinear()
                    && isLinked(block, leaf, undo);
        }
        Join join = (Join) tree;
        if (join.subqueries() || join.kind() == Kind.FULL) {
            return false;
        }
        boolean inLeft = contains(join.left(), leaf);
        boolean optional = join.kind() == Kind.LEFT && !inLeft || join.kind() == Kind.RIGHT && inLeft;
        if (optional) {
            replace(join.node(), "join_type", join.node().textNode("INNER"), undo);
        } else if (join.kind() == Kind.ANTI) {
            if (inLeft) {
                return false;
            }
            replace(join.node(), "join_type", join.node().textNode("SEMI"), undo);
        }
        JoinTree other = inLeft ? join.right() : join.left();
        return isMonotone(other) && isLinked(inLeft ? join.left() : join.right(), leaf, undo);
    }

    /** Whether more rows in its leaves never make rows of other leaves disappear. */
    private static boolean isMonotone(JoinTree tree) {
        if (tree instanceof One one) {
            // What is not linear has restricted or unchanged leaves only, or the change is not followed at all.
            return !(one.source().query().orElse(null) instanceof Block block)
                    || !block.isLinear()
                    || block.from().isEmpty()
                    || isMonotone(block.from().get());
        }
        Join join = (Join) tree;
        return join.kind() != Kind.ANTI
                && join.kind() != Kind.FULL
                && !join.subqueries()
                && isMonotone(join.left())
                && isMonotone(join.right());
    }

    private static void replace(ObjectNode node, String field, JsonNode value, List<Runnable> undo) {
        JsonNode before = node.get(field);
        undo.add(0, () -> node.set(field, before));
        node.set(field, value);
    }

    private static boolean isInner(JoinTree tree) {
        return tree instanceof One
                || tree instanceof Join join
                        && join.kind() == Kind.INNER
                        && isInner(join.left())
                        && isInner(join.right());
    }

    private static boolean hasCross(JoinTree tree) {
        return tree instanceof Join join
                && (join.node().path("ref_type").asText().equals("CROSS")
                        || hasCross(join.left())
                        || hasCross(join.right()));
    }

    private static boolean contains(Query query, Leaf leaf) {
        if (query instanceof SetOperation operation) {
            return operation.operands().stream().anyMatch(operand -> contains(operand, leaf));
        }
        Optional<JoinTree> from = ((Block) query).from();
        return from.isPresent() && contains(from.get(), leaf);
    }

    private static boolean contains(JoinTree tree, Leaf leaf) {
        if (tree instanceof One one) {
            return contains(one.source(), leaf);
        }
        Join join = (Join) tree;
        return contains(join.left(), leaf) || contains(join.right(), leaf);
    }

    private static boolean contains(Source source, Leaf leaf) {
        return source.leaf().filter(leaf::equals).isPresent()
                || source.query().filter(query -> contains(query, leaf)).isPresent();
    }
}

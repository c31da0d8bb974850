package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
 *
 * <p>A leaf in a subquery of an expression is followed through what the subquery is correlated by, or through IN.
 */
public final class AffectedKeys {

    private final ParsedQuery parsed;

    public AffectedKeys(ParsedQuery parsed) {
        this.parsed = parsed;
    }

    /** @return a query of one column; empty when such a change may affect keys that can't be found so */
    public Optional<Template> of(Partitioning partitioning, Leaf leaf) throws UnsupportedQueryException {
        Optional<ObjectNode> select = keys(partitioning, leaf);
        return select.isEmpty() ? Optional.empty() : Optional.of(parsed.template(select.get()));
    }

    private Optional<ObjectNode> keys(Partitioning partitioning, Leaf leaf) throws UnsupportedQueryException {
        return partitioning.column() >= 0
                ? ofResult(partitioning, partitioning.query(), partitioning.column(), leaf)
                : ofRows(partitioning, (Block) partitioning.query(), partitioning.copied(), leaf);
    }

    private Optional<ObjectNode> ofResult(Partitioning partitioning, Query query, int column, Leaf leaf)
            throws UnsupportedQueryException {
        if (query instanceof SetOperation operation) {
            for (Query operand : operation.operands()) {
                if (contains(operand, leaf)) {
                    return ofResult(partitioning, operand, column, leaf);
                }
            }
            return Optional.empty();
        }
        Block block = (Block) query;
        return ofRows(partitioning, block, block.items().get(column).column().orElseThrow(), leaf);
    }

    private Optional<ObjectNode> ofRows(Partitioning partitioning, Block block, ScopeColumn key, Leaf leaf)
            throws UnsupportedQueryException {
        if (key.source().query().isPresent() && contains(key.source(), leaf)) {
            return ofResult(partitioning, key.source().query().get(), key.index(), leaf);
        }
        for (Nested nested : block.nested()) {
            if (contains(nested.query(), leaf)) {
                return throughNested(partitioning, block, key, nested, leaf);
            }
        }
        List<Runnable> undo = new ArrayList<>();
        try {
            return isLinked(block, leaf, undo) ? Optional.of(select(block, key, List.of())) : Optional.empty();
        } finally {
            undo.forEach(Runnable::run);
        }
    }

    private Optional<ObjectNode> throughNested(
            Partitioning partitioning, Block block, ScopeColumn key, Nested nested, Leaf leaf)
            throws UnsupportedQueryException {
        if (partitioning.isRestricted(nested)) {
            Optional<ScopeColumn> column = partitioning.columnOf(nested);
            return column.isPresent()
                    ? ofRows(partitioning, (Block) nested.query(), column.get(), leaf)
                    : ofResult(partitioning, nested.query(), 0, leaf);
        }
        if (!isMonotone(block.from().orElseThrow()) || !isInner(block.from().get())) {
            return Optional.empty();
        }
        for (Equality correlation : nested.correlations()) {
            if (nested.query() instanceof Block inner
                    && block.scope().owns(correlation.left())
                    && Partitioning.isSameType(
                            correlation.left().type(), correlation.right().type())) {
                Optional<Partitioning> own = Partitioning.byRows(inner, correlation.right());
                Optional<ObjectNode> values = own.isEmpty() ? Optional.empty() : values(own.get(), leaf);
                if (values.isPresent()) {
                    return Optional.of(select(block, key, List.of(in(correlation.left(), values.get()))));
                }
            }
        }
        if (nested.member().isPresent()) {
            ScopeColumn member = nested.member().get();
            Optional<Partitioning> own = Partitioning.byResult(nested.query(), 0);
            if (own.isPresent()
                    && Partitioning.isSameType(member.type(), nested.query().type(0))) {
                Optional<ObjectNode> values = values(own.get(), leaf);
                if (values.isPresent()) {
                    return Optional.of(select(block, key, List.of(in(member, values.get()))));
                }
            }
        }
        return Optional.empty();
    }

    /** The values of a subquery's own column that the leaf's change affects. */
    private Optional<ObjectNode> values(Partitioning own, Leaf leaf) throws UnsupportedQueryException {
        Optional<String> column = own.columnOf(leaf);
        if (column.isEmpty()) {
            return keys(own, leaf);
        }
        ObjectNode select = parsed.fromTable(leaf.marker());
        select.putArray("select_list").add(parsed.expression(StateNames.quote(column.get())));
        return Optional.of(select);
    }

    private JsonNode in(ScopeColumn column, ObjectNode values) throws UnsupportedQueryException {
        ObjectNode in = (ObjectNode) parsed.expression(name(column) + " IN (SELECT 1)");
        SyntaxTree.object(in, "subquery").set("node", values);
        return in;
    }

    private static String name(ScopeColumn column) {
        String alias = column.source().alias();
        return (alias.isEmpty() ? "" : StateNames.quote(alias) + ".") + StateNames.quote(column.name());
    }

    /**
     * The keys of a block's rows.
     *
     * @param conditions of ours, beside those of the block that need nothing but its FROM clause
     */
    private ObjectNode select(Block block, ScopeColumn key, List<JsonNode> conditions)
            throws UnsupportedQueryException {
        ObjectNode select = parsed.emptySelect();
        select.putArray("select_list").add(parsed.expression(name(key)));
        select.set("from_table", block.node().get("from_table").deepCopy());
        List<JsonNode> all = new ArrayList<>(conditions);
        SyntaxTree.conjuncts(block.node().path("where_clause")).stream()
                .filter(part -> isLocal(part, block.scope()))
                .forEach(all::add);
        if (all.size() == 1) {
            select.set("where_clause", all.get(0).deepCopy());
        } else if (all.size() > 1) {
            ObjectNode and = (ObjectNode) parsed.expression("true AND true");
            ArrayNode children = and.putArray("children");
            all.forEach(part -> children.add(part.deepCopy()));
            select.set("where_clause", and);
        }
        return select;
    }

    /** Whether a condition is about the rows of a block's own FROM clause alone. */
    private static boolean isLocal(JsonNode condition, Scope scope) {
        boolean[] local = {true};
        SyntaxTree.visit(
                condition,
                part -> local[0] &= !SyntaxTree.isClass(part, "SUBQUERY")
                        && (!SyntaxTree.isType(part, "COLUMN_REF")
                                || scope.couldMean(
                                        part.path("column_names").path(0).asText())));
        return local[0];
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
        if (join.isAsOf()) {
            // Beside the changed row nothing is nearer: every row that it could meet may be affected.
            replace(join.node(), "ref_type", join.node().textNode("REGULAR"), undo);
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
                && !join.isAsOf()
                && !join.subqueries()
                && isMonotone(join.left())
                && isMonotone(join.right());
    }

    private static void replace(ObjectNode node, String field, JsonNode value, List<Runnable> undo) {
        JsonNode before = node.get(field);
        undo.add(0, () -> node.set(field, before));
        node.set(field, value);
    }

    static boolean isInner(JoinTree tree) {
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
        Block block = (Block) query;
        return block.from().filter(from -> contains(from, leaf)).isPresent()
                || block.nested().stream().anyMatch(nested -> contains(nested.query(), leaf));
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

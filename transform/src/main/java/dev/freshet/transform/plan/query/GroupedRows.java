package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.GroupedSums.Joined;
import dev.freshet.transform.plan.query.GroupedSums.Rows;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Makes the query for the rows that a block groups. */
final class GroupedRows {

    private static final String WEIGHT = StateNames.WEIGHT;

    private final ParsedQuery parsed;
    private final Block block;
    private final Rows kind;

    GroupedRows(ParsedQuery parsed, Block block, Rows kind) {
        this.parsed = parsed;
        this.block = block;
        this.kind = kind;
    }

    Template read(List<JsonNode> grouping, List<JsonNode> addends) throws UnsupportedQueryException {
        return read(grouping, addends, Optional.empty());
    }

    /**
     * The same rows of few rows of one leaf, in joins that are quick as they are written.
     *
     * @param found whether it can be had that only those rows of a leaf are read that can be met
     * @return empty when they can't be written so
     */
    Optional<Joined> readFrom(Leaf first, Predicate<Leaf> found, List<JsonNode> grouping, List<JsonNode> addends)
            throws UnsupportedQueryException {
        Block innermost = block;
        while (innermost.from().isPresent()
                && innermost.from().get() instanceof One one
                && one.source().query().isPresent()) {
            innermost = (Block) one.source().query().get();
        }
        Optional<JoinOrder> order = JoinOrder.of(innermost, first, found);
        return order.isEmpty()
                ? Optional.empty()
                : Optional.of(new Joined(
                        read(grouping, addends, order),
                        order.get().found(),
                        order.get().meetings()));
    }

    /**
     * The rows of parts in joins that are quick as they are written, as long as few rows are read of every leaf.
     *
     * @return empty when they can't be written so
     */
    Optional<Template> readFew(List<JsonNode> grouping, List<JsonNode> addends) throws UnsupportedQueryException {
        Optional<ExistsJoins> joins = ExistsJoins.of(parsed, block);
        if (joins.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode select = ofParts(grouping, addends);
        select.set("from_table", joins.get().from());
        joins.get().where().ifPresent(where -> select.set("where_clause", where));
        return Optional.of(parsed.template(select));
    }

    private ObjectNode ofParts(List<JsonNode> grouping, List<JsonNode> addends) throws UnsupportedQueryException {
        ObjectNode select = selecting(grouping, addends);
        ((ArrayNode) select.get("select_list")).add(parsed.expression("1::BIGINT AS " + StateNames.quote(WEIGHT)));
        return select;
    }

    private ObjectNode selecting(List<JsonNode> grouping, List<JsonNode> addends) throws UnsupportedQueryException {
        ObjectNode select = parsed.emptySelect();
        ArrayNode items = select.putArray("select_list");
        for (int i = 0; i < grouping.size(); i++) {
            items.add(called(grouping.get(i), RowMaintenance.GROUP + i));
        }
        for (int i = 0; i < addends.size(); i++) {
            items.add(called(addends.get(i), RowMaintenance.ADDEND + i));
        }
        return select;
    }

    /** @param order of the block that reads tables */
    private Template read(List<JsonNode> grouping, List<JsonNode> addends, Optional<JoinOrder> order)
            throws UnsupportedQueryException {
        if (kind == Rows.PARTS) {
            ObjectNode select = ofParts(grouping, addends);
            select.set("from_table", block.node().get("from_table").deepCopy());
            select.set("where_clause", block.node().get("where_clause"));
            return parsed.template(select);
        }
        ObjectNode select = selecting(grouping, addends);
        List<String> weights = new ArrayList<>();
        from(select, block, order, weights);
        ((ArrayNode) select.get("select_list")).add(product(weights));
        return parsed.template(select);
    }

    static JsonNode called(JsonNode expression, String name) {
        ObjectNode copy = expression.deepCopy();
        copy.put("alias", name);
        return copy;
    }

    private JsonNode product(List<String> weights) throws UnsupportedQueryException {
        return parsed.expression(String.join(" * ", weights) + " AS " + StateNames.quote(WEIGHT));
    }

    /**
     * Gives a SELECT the sources and the conditions of a block.
     *
     * @param weights receives how the sources' weights are named
     */
    private void from(ObjectNode select, Block of, Optional<JoinOrder> order, List<String> weights)
            throws UnsupportedQueryException {
        JoinTree tree = of.from().orElseThrow();
        if (order.filter(joins -> joins.isOf(of)).isEmpty()) {
            select.set("from_table", weighted(tree, order, weights));
            select.set("where_clause", of.node().get("where_clause"));
            return;
        }
        ObjectNode joined = null;
        for (JoinOrder.Step step : order.get().steps()) {
            ObjectNode source = weighted(step.source(), order, weights);
            joined = joined == null ? source : parsed.join("INNER", source, joined, conditions(step));
        }
        select.set("from_table", joined);
        List<JsonNode> conditions = order.get().conditions();
        if (!conditions.isEmpty()) {
            select.set("where_clause", parsed.conjunction(conditions));
        }
    }

    private JsonNode conditions(JoinOrder.Step step) throws UnsupportedQueryException {
        List<JsonNode> conditions = new ArrayList<>(List.of(parsed.expression(step.condition())));
        conditions.addAll(step.before());
        return parsed.conjunction(conditions);
    }

    private ObjectNode weighted(JoinTree tree, Optional<JoinOrder> order, List<String> weights)
            throws UnsupportedQueryException {
        if (tree instanceof Join join) {
            ObjectNode node = join.node().deepCopy();
            node.set("left", weighted(join.left(), order, weights));
            node.set("right", weighted(join.right(), order, weights));
            return node;
        }
        return weighted(((One) tree).source(), order, weights);
    }

    private ObjectNode weighted(Source source, Optional<JoinOrder> order, List<String> weights)
            throws UnsupportedQueryException {
        ObjectNode node = source.node().deepCopy();
        String alias = source.alias();
        if (alias.isEmpty()) {
            alias = "_freshet_source_" + source.number();
            node.put("alias", alias);
        }
        weights.add(StateNames.quote(alias) + "." + StateNames.quote(WEIGHT));
        if (source.query().isPresent()) {
            Block inner = (Block) source.query().get();
            ObjectNode select = inner.node().deepCopy();
            List<String> innerWeights = new ArrayList<>();
            from(select, inner, order, innerWeights);
            ArrayNode items = select.putArray("select_list");
            for (JsonNode item : list(inner.node(), "select_list")) {
                JsonNode copy = item.deepCopy();
                if (isClass(copy, "STAR")) {
                    ((ArrayNode) copy.get("exclude_list")).add(WEIGHT);
                }
                items.add(copy);
            }
            items.add(product(innerWeights));
            object(node, "subquery").set("node", select);
        }
        return node;
    }
}

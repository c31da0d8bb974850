package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.GroupedSums.Rows;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.List;

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
        ObjectNode select = parsed.emptySelect();
        ArrayNode items = select.putArray("select_list");
        for (int i = 0; i < grouping.size(); i++) {
            items.add(called(grouping.get(i), RowMaintenance.GROUP + i));
        }
        for (int i = 0; i < addends.size(); i++) {
            items.add(called(addends.get(i), RowMaintenance.ADDEND + i));
        }
        if (kind == Rows.PRODUCTS) {
            List<String> weights = new ArrayList<>();
            select.set("from_table", weighted(block.from().orElseThrow(), weights));
            items.add(product(weights));
        } else {
            select.set("from_table", block.node().get("from_table").deepCopy());
            items.add(parsed.expression("1::BIGINT AS " + StateNames.quote(WEIGHT)));
        }
        select.set("where_clause", block.node().get("where_clause"));
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

    /** @param weights receives how the sources' weights are named */
    private ObjectNode weighted(JoinTree tree, List<String> weights) throws UnsupportedQueryException {
        if (tree instanceof Join join) {
            ObjectNode node = join.node().deepCopy();
            node.set("left", weighted(join.left(), weights));
            node.set("right", weighted(join.right(), weights));
            return node;
        }
        Source source = ((One) tree).source();
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
            select.set("from_table", weighted(inner.from().orElseThrow(), innerWeights));
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

package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Whether a part of a query names something outside of it. In doubt it does. */
final class OutsideNames {

    private final Map<JsonNode, Block> blocks = new IdentityHashMap<>();

    OutsideNames(Query query) {
        know(query);
    }

    private void know(Query query) {
        if (query instanceof SetOperation operation) {
            operation.operands().forEach(this::know);
            return;
        }
        Block block = (Block) query;
        blocks.put(block.node(), block);
        block.from().ifPresent(this::know);
        block.nested().forEach(nested -> know(nested.query()));
    }

    private void know(JoinTree tree) {
        if (tree instanceof Join join) {
            know(join.left());
            know(join.right());
        } else {
            ((One) tree).source().query().ifPresent(this::know);
        }
    }

    /** @param around the blocks in whose FROM clause or expressions the part stands, the outermost first */
    boolean areIn(JsonNode part, List<Block> around) {
        return !around.isEmpty() && areIn(part, around, List.of());
    }

    private boolean areIn(JsonNode node, List<Block> around, List<Block> inside) {
        List<Block> within = inside;
        Block block = blocks.get(node);
        if (block != null) {
            within = new ArrayList<>(inside);
            within.add(block);
        }
        if (isType(node, "COLUMN_REF") && !isKnown(node, around, within)) {
            return true;
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (block != null && field.getKey().equals("modifiers")
                    ? isOrderedByMore(field.getValue(), block, around, within)
                    : areIn(field.getValue(), around, within)) {
                return true;
            }
        }
        for (JsonNode element : node.isArray() ? node : List.<JsonNode>of()) {
            if (areIn(element, around, within)) {
                return true;
            }
        }
        return false;
    }

    /** What ORDER BY names is first of all a column of the result. */
    private boolean isOrderedByMore(JsonNode modifiers, Block block, List<Block> around, List<Block> within) {
        for (JsonNode modifier : modifiers) {
            for (JsonNode order : modifier.path("orders")) {
                JsonNode expression = order.path("expression");
                boolean ofResult = isType(expression, "COLUMN_REF")
                        && expression.path("column_names").size() == 1
                        && isCalled(
                                block,
                                folded(expression.path("column_names").get(0).asText()));
                if (!ofResult && areIn(expression, around, within)) {
                    return true;
                }
            }
            for (String field : List.of("limit", "offset", "distinct_on_targets")) {
                if (areIn(modifier.path(field), around, within)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isCalled(Block block, String name) {
        return block.items().stream().anyMatch(item -> folded(item.name()).equals(name));
    }

    private static boolean isKnown(JsonNode column, List<Block> around, List<Block> inside) {
        if (inside.stream().anyMatch(block -> block.scope().holds(column))) {
            return true;
        }
        JsonNode names = column.path("column_names");
        String first = folded(names.path(0).asText());
        return names.size() == 1
                && inside.stream().anyMatch(block -> isCalled(block, first))
                && around.stream().noneMatch(block -> block.scope().mayHold(column));
    }
}

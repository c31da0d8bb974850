package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.object;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A query of a WITH clause.
 *
 * @param visible what its own text can name
 * @param enclosed it stands where columns of a query around it can be named
 */
record CommonTable(ObjectNode query, List<String> columns, Map<String, CommonTable> visible, boolean enclosed) {

    private static final Set<String> FIELDS =
            Set.of("aliases", "materialized", "key_targets", "payload_aggregates", "query_node");

    /** Those that a node declares, with those that were visible before; the node is left without its WITH clause. */
    static Map<String, CommonTable> declared(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        if (!node.has("cte_map")) {
            return visible;
        }
        List<JsonNode> entries = list(object(node, "cte_map"), "map");
        Map<String, CommonTable> tables = new HashMap<>(visible);
        for (JsonNode entry : entries) {
            ObjectNode value = object(entry, "value");
            SyntaxTree.requireFields(value, FIELDS);
            if (!list(value, "key_targets").isEmpty()
                    || !list(value, "payload_aggregates").isEmpty()) {
                throw new UnsupportedQueryException("uses WITH ... USING KEY");
            }
            tables.put(
                    folded(text(entry, "key")),
                    new CommonTable(
                            object(value, "query_node"),
                            strings(value, "aliases"),
                            Map.copyOf(tables),
                            !outside.isEmpty()));
        }
        object(node, "cte_map").putArray("map");
        return tables;
    }
}

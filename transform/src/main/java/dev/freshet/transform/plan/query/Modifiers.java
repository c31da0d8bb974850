package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** What follows a SELECT: DISTINCT, ORDER BY, LIMIT. The order itself is no part of a table. */
record Modifiers(boolean distinct, Optional<List<JsonNode>> distinctOn, boolean limited) {

    static Modifiers of(JsonNode node) throws UnsupportedQueryException {
        boolean distinct = false;
        boolean limited = false;
        Optional<List<JsonNode>> distinctOn = Optional.empty();
        for (JsonNode modifier : list(node, "modifiers")) {
            switch (text(modifier, "type")) {
                case "ORDER_MODIFIER" -> {}
                case "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER" -> limited = true;
                case "DISTINCT_MODIFIER" -> {
                    List<JsonNode> targets = list(modifier, "distinct_on_targets");
                    distinct |= targets.isEmpty();
                    distinctOn = targets.isEmpty() ? distinctOn : Optional.of(targets);
                }
                default -> throw new UnsupportedQueryException("uses " + text(modifier, "type"));
            }
        }
        return new Modifiers(distinct, distinctOn, limited);
    }
}

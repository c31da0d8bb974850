package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A subquery in an expression.
 *
 * @param node the expression
 * @param correlations its WHERE clause demands that a column of its FROM clause (right) equals one from outside (left)
 * @param member what is outside must be one of the result's only column, or the row outside is not in the result: IN in a WHERE clause
 */
record Nested(ObjectNode node, Query query, List<Equality> correlations, Optional<ScopeColumn> member) {

    Nested {
        correlations = List.copyOf(correlations);
    }

    /** @param demanded the expression is a condition that must hold by itself */
    static Nested of(ObjectNode expression, Query query, boolean demanded, List<Scope> around) {
        Optional<ScopeColumn> member = demanded
                        && expression.path("subquery_type").asText().equals("ANY")
                        && expression.path("comparison_type").asText().equals("COMPARE_EQUAL")
                ? around.get(0).resolve(expression.path("child"))
                : Optional.empty();
        return new Nested(expression, query, correlations(query, around), member);
    }

    private static List<Equality> correlations(Query query, List<Scope> around) {
        List<Equality> found = new ArrayList<>();
        if (query instanceof Block block && block.from().isPresent()) {
            List<Scope> scopes = new ArrayList<>(List.of(block.scope()));
            scopes.addAll(around);
            for (JsonNode part : SyntaxTree.conjuncts(block.node().path("where_clause"))) {
                if (SyntaxTree.isType(part, "COMPARE_EQUAL")) {
                    Optional<ScopeColumn> left = Scope.resolve(part.path("left"), scopes);
                    Optional<ScopeColumn> right = Scope.resolve(part.path("right"), scopes);
                    if (left.isPresent() && right.isPresent()) {
                        List<Source> inside = block.from().get().visible();
                        boolean leftInside = inside.contains(left.get().source());
                        if (leftInside != inside.contains(right.get().source())) {
                            found.add(
                                    leftInside
                                            ? new Equality(right.get(), left.get())
                                            : new Equality(left.get(), right.get()));
                        }
                    }
                }
            }
        }
        return found;
    }
}

package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * EXISTS and NOT EXISTS in a WHERE clause over one table, written as the joins that they are: a semi join and an anti join by the columns that are equal. So
 * written, a query over few rows needs no optimizer; as a subquery it would meet every row with every other.
 *
 * @param from the FROM clause
 * @param where empty when nothing else is demanded
 */
record ExistsJoins(ObjectNode from, Optional<JsonNode> where) {

    /** @return empty when the block reads anything else, so that it is quick only by a plan */
    static Optional<ExistsJoins> of(ParsedQuery parsed, Block block) throws UnsupportedQueryException {
        Optional<Source> outer = only(block);
        if (outer.isEmpty() || block.unnests()) {
            return Optional.empty();
        }
        Set<String> names = new HashSet<>(Set.of(SyntaxTree.folded(outer.get().alias())));
        ObjectNode from = outer.get().node().deepCopy();
        List<JsonNode> left = new ArrayList<>();
        int joined = 0;
        for (JsonNode condition : SyntaxTree.conjuncts(block.node().path("where_clause"))) {
            boolean negated = SyntaxTree.isType(condition, "OPERATOR_NOT");
            JsonNode asked = negated ? condition.path("children").path(0) : condition;
            Optional<Nested> nested = block.nested().stream()
                    .filter(each -> each.node().equals(asked))
                    .findFirst();
            if (nested.isEmpty()) {
                left.add(condition);
                continue;
            }
            Optional<Source> inner = asked.path("subquery_type").asText().equals("EXISTS")
                    ? inner(nested.get(), outer.get())
                    : Optional.empty();
            if (inner.isEmpty() || !names.add(SyntaxTree.folded(inner.get().alias()))) {
                return Optional.empty();
            }
            from = parsed.join(
                    negated ? "ANTI" : "SEMI",
                    from,
                    select(parsed, nested.get(), inner.get()),
                    on(parsed, nested.get()));
            joined++;
        }
        return joined < block.nested().size()
                ? Optional.empty()
                : Optional.of(new ExistsJoins(
                        from, left.isEmpty() ? Optional.empty() : Optional.of(parsed.conjunction(left))));
    }

    /** The only table that a subquery asks, when it asks nothing but what its columns and those of one row outside can tell. */
    private static Optional<Source> inner(Nested nested, Source outer) {
        if (!(nested.query() instanceof Block block)
                || !block.isLinear()
                || nested.correlations().isEmpty()) {
            return Optional.empty();
        }
        Optional<Source> source = only(block);
        return source.filter(inner -> nested.correlations().stream()
                        .allMatch(equality -> equality.left().source().equals(outer)
                                && isNamed(equality.left())
                                && isNamed(equality.right()))
                && own(block, inner).size() + nested.correlations().size()
                        == SyntaxTree.conjuncts(block.node().path("where_clause"))
                                .size());
    }

    private static boolean isNamed(ScopeColumn column) {
        return !column.name().isEmpty();
    }

    private static List<JsonNode> own(Block block, Source inner) {
        return SyntaxTree.conjuncts(block.node().path("where_clause")).stream()
                .filter(condition -> block.scope().isAbout(condition, inner::equals))
                .toList();
    }

    private static ObjectNode select(ParsedQuery parsed, Nested nested, Source inner) throws UnsupportedQueryException {
        ObjectNode subquery = SyntaxTree.object(parsed.fromTable("(SELECT * FROM a) AS b"), "from_table");
        subquery.put("alias", inner.alias());
        ObjectNode select = SyntaxTree.object(SyntaxTree.object(subquery, "subquery"), "node");
        select.set("from_table", inner.node().deepCopy());
        List<JsonNode> own = own((Block) nested.query(), inner);
        if (!own.isEmpty()) {
            select.set("where_clause", parsed.conjunction(own));
        }
        return subquery;
    }

    private static JsonNode on(ParsedQuery parsed, Nested nested) throws UnsupportedQueryException {
        List<JsonNode> equalities = new ArrayList<>();
        for (Equality equality : nested.correlations()) {
            equalities.add(parsed.expression(
                    equality.left().spelled() + " = " + equality.right().spelled()));
        }
        return parsed.conjunction(equalities);
    }

    /** The only table of a block, or what gives its rows one for one. */
    private static Optional<Source> only(Block block) {
        return block.from().isPresent()
                        && SyntaxTree.isAbsent(block.node(), "qualify")
                        && block.from().get() instanceof One one
                        && !one.source().alias().isEmpty()
                        && isPlain(one.source())
                ? Optional.of(one.source())
                : Optional.empty();
    }

    private static boolean isPlain(Source source) {
        return source.leaf().isPresent()
                || source.query().isPresent()
                        && source.query().get() instanceof Block block
                        && block.isLinear()
                        && only(block).isPresent();
    }
}

package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.List;
import java.util.Optional;

/**
 * Leaves out affected keys that can have no rows: the key is that of a table whose row decides by itself, in the WHERE clause, whether there are any. A few
 * parts of a kind are asked for among many that changed.
 */
public final class KeyFilter {

    private KeyFilter() {}

    /** @return a query for the keys that can have rows; a changed table must be given with its rows of before and after */
    public static Optional<Template> of(ParsedQuery parsed, Partitioning partitioning)
            throws UnsupportedQueryException {
        if (partitioning.column() >= 0
                || !(partitioning.query() instanceof Block block)
                || block.from().isEmpty()) {
            return Optional.empty();
        }
        boolean inner = AffectedKeys.isInner(block.from().get());
        for (Source source : block.from().get().visible()) {
            if ((inner || source.equals(partitioning.copied().source())) && isKey(source, partitioning)) {
                List<JsonNode> conditions = SyntaxTree.conjuncts(block.node().path("where_clause")).stream()
                        .filter(condition -> block.scope().isAbout(condition, source::equals))
                        .toList();
                if (!conditions.isEmpty()) {
                    return Optional.of(parsed.template(select(parsed, source, conditions)));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether a source is a table that is restricted by its only key column. */
    private static boolean isKey(Source source, Partitioning partitioning) {
        return source.leaf().isPresent()
                && partitioning
                        .columnOf(source.leaf().get())
                        .filter(column -> source.leaf().get().schema().key().equals(List.of(column)))
                        .isPresent();
    }

    private static ObjectNode select(ParsedQuery parsed, Source source, List<JsonNode> conditions)
            throws UnsupportedQueryException {
        ObjectNode select = parsed.emptySelect();
        String key = source.leaf().orElseThrow().schema().key().get(0);
        select.putArray("select_list")
                .add(parsed.expression(StateNames.quote(source.alias()) + "." + StateNames.quote(key)));
        select.set("from_table", source.node().deepCopy());
        ObjectNode and = (ObjectNode) parsed.expression("true AND true");
        ArrayNode children = and.putArray("children");
        children.add(parsed.expression("true"));
        conditions.forEach(condition -> children.add(condition.deepCopy()));
        select.set("where_clause", and);
        return select;
    }
}

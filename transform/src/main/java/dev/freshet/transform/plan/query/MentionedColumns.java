package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Column;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names that a query's text mentions anywhere: a table's column that is not among them can be left out. */
final class MentionedColumns {

    private final Set<String> names = new HashSet<>();
    private boolean wholeRows;
    private boolean all;

    private MentionedColumns() {}

    static MentionedColumns of(JsonNode tree) {
        MentionedColumns mentioned = new MentionedColumns();
        mentioned.visit(tree, Set.of());
        mentioned.all |= mentioned.wholeRows;
        return mentioned;
    }

    /** Whether an expression takes rows as a whole: one column more in a table would be another value then. */
    static boolean asWholeRows(JsonNode tree) {
        MentionedColumns mentioned = new MentionedColumns();
        mentioned.visit(tree, Set.of());
        return mentioned.wholeRows || hasStarWithin(tree, false);
    }

    /** @param item whether the node is an item of a SELECT list, where a star is no expression */
    private static boolean hasStarWithin(JsonNode node, boolean item) {
        boolean found = isClass(node, "STAR") && !item;
        for (JsonNode element : node.isArray() ? node : List.<JsonNode>of()) {
            found |= hasStarWithin(element, item);
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            found |= hasStarWithin(field.getValue(), field.getKey().equals("select_list"));
        }
        return found;
    }

    /** In the table's order. */
    List<Column> of(Leaf leaf) {
        return leaf.schema().columns().stream()
                .filter(column -> all || names.contains(folded(column.name())))
                .toList();
    }

    /** @param tables the names of the tables that an expression here can name: those of the SELECTs around it */
    private void visit(JsonNode node, Set<String> tables) {
        Set<String> visible = tables;
        if (isType(node, "SELECT_NODE")) {
            visible = new HashSet<>(tables);
            addNames(node.path("from_table"), visible);
        }
        all |= isClass(node, "STAR")
                || isClass(node, "POSITIONAL_REFERENCE")
                || isType(node, "BASE_TABLE") && !node.path("column_name_alias").isEmpty();
        JsonNode named = node.path("column_names");
        if (isType(node, "COLUMN_REF")) {
            named.forEach(name -> names.add(folded(name.asText())));
            // The name of a table is all of its columns.
            wholeRows |=
                    named.size() == 1 && visible.contains(folded(named.get(0).asText()));
        }
        node.path("using_columns").forEach(name -> names.add(folded(name.asText())));
        JsonNode asked = node.path("subquery").path("node");
        boolean onlyAsked = node.path("subquery_type").asText().equals("EXISTS")
                && asked.path("select_list").size() == 1
                && isClass(asked.path("select_list").get(0), "STAR");
        if (onlyAsked && isType(asked, "SELECT_NODE")) {
            // What EXISTS selects is never looked at.
            ObjectNode rest = asked.deepCopy();
            rest.remove("select_list");
            visit(rest, visible);
            return;
        }
        for (JsonNode child : node) {
            visit(child, visible);
        }
    }

    private static void addNames(JsonNode from, Set<String> names) {
        if (isType(from, "SELECT_NODE")) {
            return;
        }
        if (isType(from, "BASE_TABLE") || isType(from, "SUBQUERY") && !isClass(from, "SUBQUERY")) {
            names.add(folded(from.path("alias").asText()));
        }
        from.forEach(part -> addNames(part, names));
    }
}

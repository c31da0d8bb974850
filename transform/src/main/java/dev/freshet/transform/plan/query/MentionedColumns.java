package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.Column;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names that a query's text mentions anywhere: a table's column that is not among them can be left out. */
final class MentionedColumns {

    private final Set<String> names = new HashSet<>();
    private final Set<String> aliases = new HashSet<>();
    private final Set<String> alone = new HashSet<>();
    private boolean all;

    private MentionedColumns() {}

    static MentionedColumns of(JsonNode tree) {
        MentionedColumns mentioned = new MentionedColumns();
        mentioned.visit(tree);
        // The name of a table is all of its columns.
        mentioned.all |= mentioned.alone.stream().anyMatch(mentioned.aliases::contains);
        return mentioned;
    }

    /** Whether an expression takes rows as a whole: one column more in a table would be another value then. */
    static boolean asWholeRows(JsonNode tree) {
        MentionedColumns mentioned = new MentionedColumns();
        mentioned.visit(tree);
        return mentioned.alone.stream().anyMatch(mentioned.aliases::contains) || hasStarWithin(tree, false);
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

    private void visit(JsonNode node) {
        all |= isClass(node, "STAR")
                || isClass(node, "POSITIONAL_REFERENCE")
                || isType(node, "BASE_TABLE") && !node.path("column_name_alias").isEmpty();
        if (isType(node, "BASE_TABLE") || isType(node, "SUBQUERY") && !isClass(node, "SUBQUERY")) {
            aliases.add(folded(node.path("alias").asText()));
        }
        if (isType(node, "COLUMN_REF")) {
            node.path("column_names").forEach(name -> names.add(folded(name.asText())));
            if (node.path("column_names").size() == 1) {
                alone.add(folded(node.path("column_names").get(0).asText()));
            }
        }
        node.path("using_columns").forEach(name -> names.add(folded(name.asText())));
        JsonNode asked = node.path("subquery").path("node");
        boolean onlyAsked = node.path("subquery_type").asText().equals("EXISTS")
                && asked.path("select_list").size() == 1
                && isClass(asked.path("select_list").get(0), "STAR");
        if (onlyAsked && isType(asked, "SELECT_NODE")) {
            // What EXISTS selects is never looked at.
            asked.fieldNames().forEachRemaining(field -> {
                if (!field.equals("select_list")) {
                    visit(asked.get(field));
                }
            });
            return;
        }
        node.forEach(this::visit);
    }
}

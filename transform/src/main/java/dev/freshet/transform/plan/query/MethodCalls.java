package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * The parser takes the column of {@code status.upper()} for the schema of a function, and says nothing of a column. Written as {@code upper(status)} it is
 * seen like any other.
 */
final class MethodCalls {

    /** Where functions are that can be called with their schema. */
    private static final Set<String> SCHEMAS = Set.of("", "main", "pg_catalog", "information_schema");

    private MethodCalls() {}

    /** Changes a tree so. */
    static void spellOut(JsonNode node) throws UnsupportedQueryException {
        for (JsonNode child : node) {
            spellOut(child);
        }
        String schema = node.path("schema").asText();
        if (node.has("function_name") && node instanceof ObjectNode call && !SCHEMAS.contains(folded(schema))) {
            spellOut(call, schema);
        }
    }

    private static void spellOut(ObjectNode call, String schema) throws UnsupportedQueryException {
        String function = SyntaxTree.text(call, "function_name");
        String table = call.path("catalog").asText();
        if (!SyntaxTree.isClass(call, "FUNCTION") || !(call.get("arguments") instanceof ArrayNode arguments)) {
            throw new UnsupportedQueryException("calls " + schema + "." + function);
        }
        ObjectNode column = JsonNodeFactory.instance.objectNode();
        column.put("class", "COLUMN_REF").put("type", "COLUMN_REF").put("alias", "");
        ArrayNode names = column.putArray("column_names");
        if (!table.isEmpty()) {
            names.add(table);
        }
        names.add(schema);
        ObjectNode argument = JsonNodeFactory.instance.objectNode();
        argument.put("name", "");
        argument.set("expression", column);
        arguments.insert(0, argument);
        call.put("schema", "").put("catalog", "");
        SyntaxTree.object(call, "qualified_name").putArray("path").add(function);
    }
}

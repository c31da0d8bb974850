package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Reading the store's syntax trees with suspicion: a part that is not known by name is refused, not skipped. */
final class SyntaxTree {

    private SyntaxTree() {}

    static String text(JsonNode node, String field) throws UnsupportedQueryException {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual()) {
            throw new UnsupportedQueryException("has a syntax tree of an unknown form ('" + field + "' is missing)");
        }
        return value.textValue();
    }

    static ObjectNode object(JsonNode node, String field) throws UnsupportedQueryException {
        if (node.get(field) instanceof ObjectNode value) {
            return value;
        }
        throw new UnsupportedQueryException("has a syntax tree of an unknown form ('" + field + "' is missing)");
    }

    static List<JsonNode> list(JsonNode node, String field) throws UnsupportedQueryException {
        if (node.get(field) instanceof ArrayNode array) {
            List<JsonNode> values = new ArrayList<>();
            array.forEach(values::add);
            return values;
        }
        throw new UnsupportedQueryException("has a syntax tree of an unknown form ('" + field + "' is missing)");
    }

    static boolean isAbsent(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull();
    }

    static void requireAbsent(JsonNode node, String field, String what) throws UnsupportedQueryException {
        if (!isAbsent(node, field)) {
            throw new UnsupportedQueryException("uses " + what);
        }
    }

    /** Refuses a node with other fields than these. */
    static void requireFields(JsonNode node, Set<String> known) throws UnsupportedQueryException {
        List<String> unknown = new ArrayList<>();
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                unknown.add(name);
            }
        });
        if (!unknown.isEmpty()) {
            throw new UnsupportedQueryException("has a syntax tree of an unknown form (" + unknown + ")");
        }
    }

    static boolean isClass(JsonNode node, String name) {
        return node.path("class").asText().equals(name);
    }

    static boolean isType(JsonNode node, String name) {
        return node.path("type").asText().equals(name);
    }

    /** Visits a node and everything below it but not below subqueries, which it visits themselves. */
    static void visit(JsonNode node, Consumer<ObjectNode> visitor) {
        if (node instanceof ObjectNode object) {
            visitor.accept(object);
            if (isClass(object, "SUBQUERY")) {
                if (object.get("child") != null) {
                    visit(object.get("child"), visitor);
                }
                return;
            }
        }
        for (JsonNode child : node) {
            visit(child, visitor);
        }
    }

    /** The parts of a condition that must all hold. */
    static List<JsonNode> conjuncts(JsonNode condition) {
        if (isType(condition, "CONJUNCTION_AND")) {
            List<JsonNode> parts = new ArrayList<>();
            condition.path("children").forEach(child -> parts.addAll(conjuncts(child)));
            return parts;
        }
        return condition.isNull() || condition.isMissingNode() ? List.of() : List.of(condition);
    }

    static List<String> strings(JsonNode node, String field) throws UnsupportedQueryException {
        List<String> strings = new ArrayList<>();
        for (JsonNode value : list(node, field)) {
            if (!value.isTextual()) {
                throw new UnsupportedQueryException("has a syntax tree of an unknown form ('" + field + "')");
            }
            strings.add(value.textValue());
        }
        return strings;
    }

    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}

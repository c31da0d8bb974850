package dev.freshet.state.duckdb.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Column;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Table shapes and positions as JSON, the way the store's own tables keep them. */
public final class ShapeText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ShapeText() {}

    /** A shape as JSON. */
    public static String of(TableSchema schema) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode columns = root.putArray("columns");
        for (Column column : schema.columns()) {
            columns.addObject()
                    .put("name", column.name())
                    .put("type", column.type().sql());
        }
        ArrayNode key = root.putArray("key");
        schema.key().forEach(key::add);
        return root.toString();
    }

    /** The shape that was written so. */
    public static TableSchema schema(String text) {
        JsonNode root = parse(text);
        List<Column> columns = new ArrayList<>();
        for (JsonNode column : root.path("columns")) {
            columns.add(new Column(
                    column.path("name").asText(),
                    ColumnTypes.parse(column.path("type").asText())));
        }
        List<String> key = new ArrayList<>();
        root.path("key").forEach(name -> key.add(name.asText()));
        return new TableSchema(columns, key);
    }

    /** Positions as JSON, by the names of their sources. */
    public static String of(Map<String, SourcePosition> positions) {
        ObjectNode root = JSON.createObjectNode();
        new TreeMap<>(positions).forEach((source, position) -> root.putObject(source)
                .put("ordinal", position.ordinal())
                .put("token", position.token()));
        return root.toString();
    }

    /** The positions that were written so. */
    public static Map<String, SourcePosition> positions(String text) {
        Map<String, SourcePosition> positions = new TreeMap<>();
        parse(text)
                .properties()
                .forEach(entry -> positions.put(
                        entry.getKey(),
                        new SourcePosition(
                                entry.getValue().path("ordinal").asLong(),
                                entry.getValue().path("token").asText())));
        return positions;
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the state store wrote something that is not JSON: " + text, e);
        }
    }
}

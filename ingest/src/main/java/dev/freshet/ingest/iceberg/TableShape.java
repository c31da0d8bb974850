package dev.freshet.ingest.iceberg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StagedColumns;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a change table: {@link StagedColumns} and the source's own. The source's schema, whose types Iceberg can't all tell apart, is
 * kept as a table property beside it.
 */
final class TableShape {

    /** The table property that holds {@link #json}. */
    static final String PROPERTY = "freshet.schema";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** {@link StagedColumns} in the order in which they are stored, before the source's columns of a new table. */
    static final List<Types.NestedField> STAGED = List.of(
            Types.NestedField.optional(1, StagedColumns.OP, Types.StringType.get()),
            Types.NestedField.optional(2, StagedColumns.POSITION, Types.LongType.get()),
            Types.NestedField.optional(3, StagedColumns.TX, Types.LongType.get()),
            Types.NestedField.optional(4, StagedColumns.COMMITTED_AT, Types.TimestampType.withZone()),
            Types.NestedField.optional(5, StagedColumns.SEQUENCE, Types.LongType.get()),
            Types.NestedField.optional(6, StagedColumns.UNAVAILABLE, Types.StringType.get()),
            Types.NestedField.optional(7, StagedColumns.POISON, Types.StringType.get()),
            Types.NestedField.optional(8, StagedColumns.LOAD, Types.LongType.get()));

    private TableShape() {}

    /** The Iceberg schema of a new change table. */
    static Schema create(TableId table, TableSchema schema) {
        refuseClashes(table, schema);
        AtomicInteger ids = new AtomicInteger(STAGED.size());
        List<Types.NestedField> fields = new ArrayList<>(STAGED);
        for (Column column : schema.columns()) {
            int id = ids.incrementAndGet();
            fields.add(Types.NestedField.optional(
                    id, column.name(), PhysicalType.of(column.type(), ids::incrementAndGet)));
        }
        return new Schema(fields);
    }

    /** Whether a table can take rows of this schema as it is. */
    static boolean fits(Table table, TableSchema schema) {
        return json(schema).equals(table.properties().get(PROPERTY));
    }

    /** Changes {@code update}'s table so that it can take rows of this schema. Deterministic: the same table gives the same field ids. */
    static UpdateSchema evolve(TableId id, Schema current, TableSchema schema, UpdateSchema update) {
        refuseClashes(id, schema);
        Set<String> wanted = new HashSet<>();
        STAGED.forEach(field -> wanted.add(field.name()));
        for (Column column : schema.columns()) {
            wanted.add(column.name());
            AtomicInteger ids = new AtomicInteger();
            Type type = PhysicalType.of(column.type(), ids::incrementAndGet);
            Types.NestedField before = topLevel(current, column.name());
            if (before == null) {
                update.addColumn(null, column.name(), type);
            } else if (!sameType(before.type(), type)) {
                if (type.isPrimitiveType()
                        && before.type().isPrimitiveType()
                        && TypeUtil.isPromotionAllowed(before.type(), type.asPrimitiveType())) {
                    update.updateColumn(column.name(), type.asPrimitiveType());
                } else {
                    update.deleteColumn(column.name()).addColumn(null, column.name(), type);
                }
            }
        }
        for (Types.NestedField field : current.columns()) {
            if (!wanted.contains(field.name())) {
                update.deleteColumn(field.name());
            }
        }
        return update;
    }

    private static Types.@Nullable NestedField topLevel(Schema schema, String name) {
        for (Types.NestedField field : schema.columns()) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** Equal but for field ids. */
    private static boolean sameType(Type left, Type right) {
        return withoutIds(left).equals(withoutIds(right));
    }

    private static String withoutIds(Type type) {
        return type instanceof Types.ListType list ? "list<" + withoutIds(list.elementType()) + ">" : type.toString();
    }

    private static void refuseClashes(TableId table, TableSchema schema) {
        Set<String> names = new HashSet<>();
        STAGED.forEach(field -> names.add(field.name()));
        for (Column column : schema.columns()) {
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                throw new FreshetException(
                        ErrorKind.SOURCE,
                        "table '" + table + "' can't be staged: column \"" + column.name()
                                + "\" differs from another column, or from one that staging adds, in case only;"
                                + " rename it, or leave the table out");
            }
        }
    }

    /** A schema as text. */
    static String json(TableSchema schema) {
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

    static TableSchema parse(String json) {
        try {
            JsonNode root = JSON.readTree(json);
            List<Column> columns = new ArrayList<>();
            for (JsonNode column : root.get("columns")) {
                columns.add(new Column(
                        column.get("name").asText(),
                        PhysicalType.parse(column.get("type").asText())));
            }
            List<String> key = new ArrayList<>();
            root.get("key").forEach(name -> key.add(name.asText()));
            return new TableSchema(columns, key);
        } catch (JsonProcessingException e) {
            throw new FreshetException(
                    ErrorKind.INTERNAL, "staging property '" + PROPERTY + "' is not readable: " + json, e);
        }
    }

    /** Names as a JSON array of strings. */
    static String names(List<String> names) {
        ArrayNode array = JSON.createArrayNode();
        names.forEach(array::add);
        return array.toString();
    }

    /** Reads {@link #names} back. */
    static List<String> parseNames(String json) {
        try {
            List<String> names = new ArrayList<>();
            JSON.readTree(json).forEach(name -> names.add(name.asText()));
            return names;
        } catch (JsonProcessingException e) {
            throw new FreshetException(ErrorKind.INTERNAL, "a list of column names is not readable: " + json, e);
        }
    }
}

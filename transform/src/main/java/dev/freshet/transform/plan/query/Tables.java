package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.Map;
import java.util.Optional;

/** The tables that a model's text may name, by the names that the store gives them. */
record Tables(Map<TableId, TableSchema> schemas) {

    Tables {
        schemas = Map.copyOf(schemas);
    }

    /** @param name {@code schema.name}, in lower case */
    Optional<TableId> named(String name) {
        return schemas.keySet().stream()
                .filter(table ->
                        folded(StateNames.schema(table) + "." + table.name()).equals(name))
                .findFirst();
    }

    TableSchema schema(TableId table) {
        TableSchema schema = schemas.get(table);
        if (schema == null) {
            throw new IllegalArgumentException("'" + table + "' is not one of the tables");
        }
        return schema;
    }

    /** Whether a schema of this name holds one of the tables. */
    boolean isSchema(String name) {
        return schemas.keySet().stream()
                .anyMatch(table -> folded(StateNames.schema(table)).equals(folded(name)));
    }
}

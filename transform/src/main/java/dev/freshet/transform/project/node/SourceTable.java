package dev.freshet.transform.project.node;

import dev.freshet.state.TableId;
import java.util.Map;

/**
 * A table that a project reads.
 *
 * @param uniqueId {@code source.project.source_name.table_name}
 * @param table where it lives, {@code identifier} applied
 * @param declaredTypes {@code data_type} by column, as written
 * @param file relative to the project, where it is declared
 */
public record SourceTable(String uniqueId, TableId table, Map<String, String> declaredTypes, String file, int line) {

    public SourceTable {
        declaredTypes = Map.copyOf(declaredTypes);
    }
}

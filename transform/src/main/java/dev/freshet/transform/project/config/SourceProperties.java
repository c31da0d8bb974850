package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One table of a source as a properties file declares it, what the source says applied.
 *
 * @param database as written, empty when the connection's own
 * @param identifier the table's name in the database
 * @param connection the profile output that the table lives on, empty for the default target's
 * @param declaredTypes {@code data_type} by column
 */
public record SourceProperties(
        String source,
        String table,
        Optional<String> database,
        String schema,
        String identifier,
        Optional<String> connection,
        Map<String, String> declaredTypes,
        NodeConfig config,
        Position position) {

    public SourceProperties {
        declaredTypes = new LinkedHashMap<>(declaredTypes);
    }

    /** {@code source.table}, as {@code source()} names it. */
    public String qualifiedName() {
        return source + "." + table;
    }
}

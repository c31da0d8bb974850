package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One table of a source as a properties file declares it, what the source says applied.
 *
 * @param packageName the package that declares it
 * @param fqn package, directories, source, table
 * @param sourceWritten all of the source's entry, rendered
 * @param written all of the table's entry, rendered
 * @param database as written, empty when the connection's own
 * @param identifier the table's name in the database
 * @param connection the profile output that the table lives on, empty for the default target's
 * @param declaredTypes {@code data_type} by column
 */
public record SourceProperties(
        String packageName,
        String source,
        String table,
        Optional<String> database,
        String schema,
        String identifier,
        Optional<String> connection,
        Map<String, String> declaredTypes,
        NodeConfig config,
        Position position,
        List<String> fqn,
        PropertiesFile file,
        YamlMapping sourceWritten,
        YamlMapping written) {

    public SourceProperties {
        fqn = List.copyOf(fqn);
        declaredTypes = new LinkedHashMap<>(declaredTypes);
    }

    /** {@code source.table}, as {@code source()} names it. */
    public String qualifiedName() {
        return source + "." + table;
    }
}

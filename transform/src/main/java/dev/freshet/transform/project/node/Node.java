package dev.freshet.transform.project.node;

import dev.freshet.state.TableId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An enabled node of a parsed project, of any kind.
 *
 * @param fqn the path that selectors and config trees use: package, directories, name
 * @param file relative to the project
 * @param relation where it is or would be in its database; empty for what has no table
 * @param materialized {@code table}, {@code view}, {@code seed}, {@code test}, ...
 * @param dependsOn unique ids of the nodes and sources it reads
 * @param config merged from all configurations
 */
public record Node(
        String uniqueId,
        ResourceType type,
        String packageName,
        String name,
        Optional<String> version,
        List<String> fqn,
        String file,
        Optional<TableId> relation,
        String materialized,
        List<String> tags,
        List<String> dependsOn,
        Map<String, @Nullable Object> config) {

    public Node {
        fqn = List.copyOf(fqn);
        tags = List.copyOf(tags);
        dependsOn = List.copyOf(dependsOn);
        config = new LinkedHashMap<>(config);
    }

    /** A parsed node, with the unique ids of what it depends on. */
    public static Node of(ParsedNode node, List<String> dependsOn) {
        NodeSource source = node.source();
        boolean hasTable = source.type().isReferable() && !node.isEphemeral();
        String fallback = node.isModel() ? "view" : source.type().id();
        return new Node(
                source.uniqueId(),
                source.type(),
                source.project(),
                source.name(),
                source.version(),
                source.fqn(),
                source.file(),
                hasTable ? Optional.of(node.relation()) : Optional.empty(),
                node.config().text("materialized").orElse(fallback),
                node.tags(),
                dependsOn,
                node.config().values());
    }

    /** @param document of a unit test or an exposure in the manifest */
    public static Node ofProperties(Map<String, @Nullable Object> document) {
        Object version = document.get("version");
        ResourceType type =
                "exposure".equals(document.get("resource_type")) ? ResourceType.EXPOSURE : ResourceType.UNIT_TEST;
        Map<?, ?> dependsOn = (Map<?, ?>) document.getOrDefault("depends_on", Map.of());
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        ((Map<?, ?>) document.getOrDefault("config", Map.of()))
                .forEach((key, value) -> config.put(String.valueOf(key), value));
        return new Node(
                String.valueOf(document.get("unique_id")),
                type,
                String.valueOf(document.get("package_name")),
                document.get("name") + (version == null ? "" : "_v" + version),
                Optional.empty(),
                texts(document.get("fqn")),
                String.valueOf(document.get("original_file_path")),
                Optional.empty(),
                type == ResourceType.UNIT_TEST ? "unit" : type.id(),
                texts(config.get("tags")),
                texts(dependsOn.get("nodes")),
                config);
    }

    private static List<String> texts(@Nullable Object values) {
        return values instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}

package dev.freshet.transform.project.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * dbt's manifest, version 12: every node with every key, as plain maps and lists.
 *
 * @param document the whole file
 */
public record Manifest(Map<String, @Nullable Object> document) {

    /** The name of its file in the target directory. */
    public static final String FILE = "manifest.json";

    private static final String RESULTS = "run_results.json";
    private static final String SCHEMA = "https://schemas.getdbt.com/dbt/manifest/v12.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The parts that {@link #of} puts together, each by unique id. */
    public record Parts(
            Map<String, @Nullable Object> metadata,
            Map<String, Map<String, @Nullable Object>> nodes,
            Map<String, Map<String, @Nullable Object>> sources,
            Map<String, Map<String, @Nullable Object>> macros,
            Map<String, Map<String, @Nullable Object>> docs,
            Map<String, Map<String, @Nullable Object>> properties,
            Map<String, List<Map<String, @Nullable Object>>> disabled,
            Map<String, @Nullable Object> selectors) {

        Map<String, Map<String, @Nullable Object>> ofType(String type) {
            Map<String, Map<String, @Nullable Object>> some = new LinkedHashMap<>();
            properties.forEach((id, document) -> {
                if (type.equals(document.get("resource_type"))) {
                    some.put(id, document);
                }
            });
            return some;
        }
    }

    /** Puts it together, the sections in dbt's order. */
    public static Manifest of(Parts parts) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("dbt_schema_version", SCHEMA);
        metadata.putAll(parts.metadata());
        document.put("metadata", metadata);
        document.put("nodes", parts.nodes());
        document.put("sources", parts.sources());
        document.put("macros", parts.macros());
        document.put("docs", parts.docs());
        document.put("exposures", parts.ofType("exposure"));
        document.put("metrics", Map.of());
        document.put("groups", parts.ofType("group"));
        document.put("selectors", parts.selectors());
        document.put("disabled", parts.disabled());
        Map<String, List<String>> parents = parents(parts);
        document.put("parent_map", parents);
        document.put("child_map", children(parents));
        document.put("group_map", groups(parts));
        document.put("saved_queries", Map.of());
        document.put("semantic_models", Map.of());
        document.put("unit_tests", parts.ofType("unit_test"));
        document.put("functions", Map.of());
        return new Manifest(document);
    }

    private static Map<String, List<String>> parents(Parts parts) {
        Map<String, List<String>> parents = new TreeMap<>();
        parts.nodes().forEach((id, document) -> parents.put(id, dependsOn(document)));
        parts.sources().keySet().forEach(id -> parents.put(id, List.of()));
        parts.properties().forEach((id, document) -> {
            if (!"group".equals(document.get("resource_type"))) {
                parents.put(id, dependsOn(document));
            }
        });
        return parents;
    }

    static List<String> dependsOn(Map<String, @Nullable Object> document) {
        Object nodes = document.get("depends_on") instanceof Map<?, ?> map ? map.get("nodes") : null;
        List<String> ids = new ArrayList<>();
        if (nodes instanceof List<?> list) {
            list.forEach(id -> ids.add(String.valueOf(id)));
        }
        return ids;
    }

    private static Map<String, List<String>> children(Map<String, List<String>> parents) {
        Map<String, List<String>> children = new TreeMap<>();
        parents.keySet().forEach(id -> children.put(id, new ArrayList<>()));
        parents.forEach((id, reads) -> reads.forEach(parent ->
                children.computeIfAbsent(parent, key -> new ArrayList<>()).add(id)));
        return children;
    }

    private static Map<String, List<String>> groups(Parts parts) {
        Map<String, List<String>> groups = new TreeMap<>();
        parts.ofType("group")
                .values()
                .forEach(group -> groups.put(String.valueOf(group.get("name")), new ArrayList<>()));
        parts.nodes().forEach((id, document) -> {
            if (document.get("group") instanceof String group && groups.containsKey(group)) {
                groups.get(group).add(id);
            }
        });
        return groups;
    }

    /** One section by unique id: {@code nodes}, {@code sources}, {@code exposures}, {@code unit_tests}. */
    @SuppressWarnings("unchecked")
    public Map<String, Map<String, @Nullable Object>> section(String name) {
        Object section = document.get(name);
        return section == null ? Map.of() : (Map<String, Map<String, @Nullable Object>>) section;
    }

    /** What selectors choose from, by unique id: all but macros, docs blocks and groups. */
    public Map<String, Map<String, @Nullable Object>> selectable() {
        Map<String, Map<String, @Nullable Object>> documents = new LinkedHashMap<>();
        for (String name : List.of("nodes", "sources", "exposures", "unit_tests")) {
            documents.putAll(section(name));
        }
        return documents;
    }

    /** The nodes that each node reads. */
    public Map<String, List<String>> parents() {
        Map<String, List<String>> parents = new LinkedHashMap<>();
        selectable().forEach((id, document) -> parents.put(id, dependsOn(document)));
        return parents;
    }

    /** One node of any kind. */
    public Optional<Map<String, @Nullable Object>> node(String uniqueId) {
        return Optional.ofNullable(selectable().get(uniqueId));
    }

    /** What templates see as {@code graph}. */
    public Map<String, Object> graph() {
        Map<String, Object> graph = new LinkedHashMap<>();
        for (String name :
                List.of("exposures", "groups", "metrics", "nodes", "sources", "semantic_models", "saved_queries")) {
            graph.put(name, section(name));
        }
        return graph;
    }

    /** @throws FreshetException USER when it can't be written */
    public void write(Path targetDirectory) {
        try {
            Files.createDirectories(targetDirectory);
            Files.write(targetDirectory.resolve(FILE), JSON.writeValueAsBytes(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the manifest holds what is no JSON", e);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + targetDirectory.resolve(FILE) + "' can't be written: " + e.getMessage()
                            + "; check the directory's rights",
                    e);
        }
    }

    /** The status of each node in a directory's run_results.json; empty when there is none. */
    public static Map<String, String> results(Path directory) {
        Path file = directory.resolve(RESULTS);
        Map<String, String> results = new LinkedHashMap<>();
        if (Files.isRegularFile(file)) {
            try {
                for (JsonNode result : JSON.readTree(file.toFile()).path("results")) {
                    results.put(
                            result.path("unique_id").asText(),
                            result.path("status").asText());
                }
            } catch (IOException e) {
                throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be read: " + e.getMessage(), e);
            }
        }
        return results;
    }

    /** @throws FreshetException USER when there is none or it is not JSON */
    @SuppressWarnings("unchecked")
    public static Manifest read(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            return new Manifest(JSON.readValue(Files.readAllBytes(file), Map.class));
        } catch (JsonProcessingException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + file + "' is not a manifest: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be read: name the directory of another run's artifacts with --state",
                    e);
        }
    }
}

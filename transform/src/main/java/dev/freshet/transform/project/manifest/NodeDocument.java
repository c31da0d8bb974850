package dev.freshet.transform.project.manifest;

import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.node.GenericTest;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.render.Quoting;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.render.Relation;
import dev.freshet.transform.project.render.RelationStyle;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A node as the manifest has it, every key present. What templates see as {@code model} and in {@code graph.nodes} is the same. */
public final class NodeDocument {

    private static final String PROTECTED = "protected";

    /** @param descriptions renders a description of a package: {@code doc()} in it */
    public record Sources(
            Map<String, List<String>> parents,
            BiFunction<String, YamlNode, String> descriptions,
            Map<String, String> latestVersions,
            Quoting quoting,
            double createdAt) {}

    private final ParsedNode node;
    private final NodeSource source;
    private final Optional<NodeProperties> properties;
    private final Sources sources;
    private final Map<String, @Nullable Object> document = new LinkedHashMap<>();

    private NodeDocument(ParsedNode node, Optional<NodeProperties> properties, Sources sources) {
        this.node = node;
        this.source = node.source();
        this.properties = properties;
        this.sources = sources;
    }

    /** The document of a node. */
    public static Map<String, @Nullable Object> of(
            ParsedNode node, Optional<NodeProperties> properties, Sources sources) {
        return new NodeDocument(node, properties, sources).build();
    }

    private Map<String, @Nullable Object> build() {
        ResourceType type = source.type();
        document.put("database", node.database().isEmpty() ? null : node.database());
        document.put("schema", node.relation().schema());
        document.put("name", source.name());
        document.put("resource_type", type.id());
        document.put("package_name", source.project());
        document.put("path", source.path());
        document.put("original_file_path", source.originalFile());
        document.put("unique_id", source.uniqueId());
        document.put("fqn", source.fqn());
        document.put("alias", node.relation().name());
        document.put("checksum", source.checksum());
        Map<String, @Nullable Object> config = ConfigDocument.of(type, node.config());
        document.put("config", config);
        document.put("tags", node.tags());
        document.put("description", description());
        document.put("columns", columns());
        document.put("meta", config.getOrDefault("meta", Map.of()));
        document.put("group", config.get("group"));
        document.put("docs", config.getOrDefault("docs", ConfigDocument.docs(Map.of())));
        document.put("patch_path", properties.map(this::patchPath).orElse(null));
        document.put("build_path", null);
        document.put("unrendered_config", node.config().values());
        document.put("created_at", sources.createdAt());
        document.put("relation_name", relationName());
        document.put("raw_code", source.text().raw());
        document.put("doc_blocks", List.of());
        if (type == ResourceType.SEED) {
            document.put("root_path", null);
            document.put("config_call_dict", Map.of());
            document.put("unrendered_config_call_dict", Map.of());
            document.put("depends_on", Map.of("macros", List.of()));
            document.put("defer_relation", null);
            return document;
        }
        addCode();
        if (type == ResourceType.MODEL) {
            addModel(config);
        } else if (type == ResourceType.SNAPSHOT) {
            document.put("defer_relation", null);
        }
        source.test().ifPresent(this::addTest);
        return document;
    }

    private void addCode() {
        document.put("config_call_dict", node.capture().config());
        document.put("unrendered_config_call_dict", Map.of());
        document.put("language", "sql");
        List<Object> refs = new ArrayList<>();
        List<Object> tables = new ArrayList<>();
        for (Reference reference : node.capture().references()) {
            if (reference.kind() == Reference.Kind.SOURCE) {
                tables.add(reference.names());
            } else {
                Map<String, @Nullable Object> ref = new LinkedHashMap<>();
                ref.put("name", reference.name());
                ref.put(
                        "package",
                        reference.names().size() == 2 ? reference.names().get(0) : null);
                ref.put("version", reference.version().map(ModelVersions::value).orElse(null));
                refs.add(ref);
            }
        }
        document.put("refs", refs);
        document.put("sources", tables);
        document.put("metrics", List.of());
        document.put("functions", List.of());
        Map<String, Object> dependsOn = new LinkedHashMap<>();
        dependsOn.put("macros", node.capture().macros());
        dependsOn.put("nodes", sources.parents().getOrDefault(source.uniqueId(), List.of()));
        document.put("depends_on", dependsOn);
        document.put("compiled_path", null);
        document.put("compiled", false);
        document.put("compiled_code", null);
        document.put("extra_ctes_injected", false);
        document.put("extra_ctes", List.of());
        document.put("_pre_injected_sql", null);
        document.put("contract", contract(document.get("config")));
    }

    private static Map<String, @Nullable Object> contract(@Nullable Object config) {
        Map<String, @Nullable Object> contract = new LinkedHashMap<>();
        Object written = config instanceof Map<?, ?> map ? map.get("contract") : null;
        boolean enforced = written instanceof Map<?, ?> map && Boolean.TRUE.equals(map.get("enforced"));
        contract.put("enforced", enforced);
        contract.put(
                "alias_types", !(written instanceof Map<?, ?> map) || !Boolean.FALSE.equals(map.get("alias_types")));
        contract.put("checksum", null);
        return contract;
    }

    private void addModel(Map<String, @Nullable Object> config) {
        document.put("access", config.getOrDefault("access", PROTECTED));
        document.put(
                "constraints",
                properties
                        .map(entry -> values(entry.written().list("constraints")))
                        .orElse(List.of()));
        document.put("version", source.version().map(ModelVersions::value).orElse(null));
        String latest = sources.latestVersions().get(source.project() + "." + source.name());
        document.put("latest_version", latest == null ? null : ModelVersions.value(latest));
        document.put(
                "deprecation_date",
                properties
                        .flatMap(entry -> entry.written().text("deprecation_date"))
                        .orElse(null));
        document.put("defer_relation", null);
        document.put("primary_key", List.of());
        document.put(
                "time_spine",
                properties
                        .flatMap(entry -> entry.written().get("time_spine"))
                        .map(YamlNode::value)
                        .orElse(null));
    }

    private void addTest(GenericTest test) {
        document.put("column_name", test.column().orElse(null));
        document.put("file_key_name", test.attached());
        boolean isOfNode = !test.isOfSource();
        List<String> parents = sources.parents().getOrDefault(source.uniqueId(), List.of());
        document.put(
                "attached_node",
                isOfNode
                        ? parents.stream()
                                .filter(id -> id.contains("."
                                        + test.attached()
                                                .substring(test.attached().indexOf('.') + 1)))
                                .findFirst()
                                .orElse(null)
                        : null);
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("name", test.macro());
        metadata.put("kwargs", test.arguments());
        metadata.put("namespace", test.namespace().orElse(null));
        document.put("test_metadata", metadata);
    }

    private String description() {
        return properties
                .flatMap(entry -> entry.written().get("description"))
                .map(text -> sources.descriptions().apply(source.project(), text))
                .orElse("");
    }

    private String patchPath(NodeProperties entry) {
        return entry.packageName() + "://" + entry.file().original();
    }

    private @Nullable String relationName() {
        boolean isStored = source.type() == ResourceType.TEST
                && Boolean.TRUE.equals(node.config().values().get("store_failures"));
        boolean isRelation = source.type().isReferable() && !node.isEphemeral();
        return isStored || isRelation ? relationName(node, sources.quoting()) : null;
    }

    /** As it stands in statements. */
    public static String relationName(ParsedNode node, Quoting quoting) {
        return quoting.with(node.config().values().get("quoting"))
                .applied(Relation.table(
                        node.relation(),
                        node.database(),
                        "table",
                        RelationStyle.of(node.output().type())))
                .text();
    }

    private Map<String, Object> columns() {
        return properties
                .map(entry ->
                        columns(entry.written(), text -> sources.descriptions().apply(source.project(), text)))
                .orElse(Map.of());
    }

    /** The {@code columns:} of an entry. */
    public static Map<String, Object> columns(
            YamlMapping written, java.util.function.Function<YamlNode, String> description) {
        Map<String, Object> columns = new LinkedHashMap<>();
        for (YamlNode item : written.list("columns")) {
            if (!(item instanceof YamlMapping column) || column.get("name").isEmpty()) {
                continue;
            }
            NodeConfig merged = NodeConfig.EMPTY;
            for (String key : List.of("meta", "tags")) {
                Optional<YamlNode> value = column.get(key);
                if (value.isPresent()) {
                    merged = merged.with(
                            java.util.Collections.singletonMap(key, value.get().value()));
                }
            }
            merged = merged.with(column.mapping("config").value());
            Map<String, @Nullable Object> config = new LinkedHashMap<>(merged.values());
            config.putIfAbsent("meta", Map.of());
            config.put("tags", merged.texts("tags", column.position()));
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            String name = column.requireText("name", "a column");
            document.put("name", name);
            document.put(
                    "description", column.get("description").map(description).orElse(""));
            document.put("meta", config.get("meta"));
            document.put("data_type", column.text("data_type").orElse(null));
            document.put("constraints", values(column.list("constraints")));
            document.put(
                    "quote", column.text("quote").map(Boolean::parseBoolean).orElse(null));
            document.put("config", config);
            document.put("tags", config.get("tags"));
            document.put("granularity", column.text("granularity").orElse(null));
            document.put("doc_blocks", List.of());
            columns.put(name, document);
        }
        return columns;
    }

    private static List<@Nullable Object> values(List<YamlNode> nodes) {
        List<@Nullable Object> values = new ArrayList<>();
        nodes.forEach(node -> values.add(node.value()));
        return values;
    }
}

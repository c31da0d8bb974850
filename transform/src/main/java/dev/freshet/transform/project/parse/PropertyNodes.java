package dev.freshet.transform.project.parse;

import dev.freshet.state.Connection;
import dev.freshet.transform.project.config.ConfigHierarchy;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.ModelText;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes that properties files alone make: exposures, unit tests and groups. */
public final class PropertyNodes {

    private static final Set<String> EXPOSURE_TYPES = Set.of("dashboard", "notebook", "analysis", "ml", "application");
    private static final Set<String> MATURITIES = Set.of("low", "medium", "high");

    private final NodeIndex index;
    private final ConfigHierarchy hierarchy;
    private final AccessRules access;
    private final UnitTestReader unitTests;
    private final ModelRenderer renderer;
    private final Connection output;
    private final DocsBlocks docs;
    private final Problems problems;
    private final double createdAt;

    /**
     * @param output of the target, for what is rendered
     * @param createdAt in seconds since 1970
     */
    public PropertyNodes(
            NodeIndex index,
            ConfigHierarchy hierarchy,
            AccessRules access,
            UnitTestReader unitTests,
            ModelRenderer renderer,
            Connection output,
            DocsBlocks docs,
            Problems problems,
            double createdAt) {
        this.index = index;
        this.hierarchy = hierarchy;
        this.access = access;
        this.unitTests = unitTests;
        this.renderer = renderer;
        this.output = output;
        this.docs = docs;
        this.problems = problems;
        this.createdAt = createdAt;
    }

    /** All of them, by unique id. */
    public Map<String, Map<String, @Nullable Object>> read(Properties properties) {
        Map<String, Map<String, @Nullable Object>> documents = new LinkedHashMap<>();
        for (NodeProperties entry : properties.section("exposures")) {
            problems.attempt(() -> put(documents, exposure(entry)));
        }
        for (NodeProperties entry : properties.section("unit_tests")) {
            problems.attempt(() -> unitTests.read(entry).forEach(document -> put(documents, document)));
        }
        for (NodeProperties entry : properties.section("groups")) {
            problems.attempt(() -> put(documents, group(entry)));
        }
        return documents;
    }

    private static void put(
            Map<String, Map<String, @Nullable Object>> documents, Map<String, @Nullable Object> document) {
        Object config = document.get("config");
        if (!(config instanceof Map<?, ?> map) || !Boolean.FALSE.equals(map.get("enabled"))) {
            documents.put(String.valueOf(document.get("unique_id")), document);
        }
    }

    private static Map<String, @Nullable Object> head(ResourceTypeName type, NodeProperties entry) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", entry.name());
        document.put("resource_type", type.id);
        document.put("package_name", entry.packageName());
        document.put("path", entry.file().path());
        document.put("original_file_path", entry.file().original());
        return document;
    }

    private enum ResourceTypeName {
        EXPOSURE("exposure"),
        GROUP("group");

        private final String id;

        ResourceTypeName(String id) {
            this.id = id;
        }
    }

    private NodeConfig config(String section, NodeProperties entry, List<String> fqn) {
        NodeConfig own = hierarchy.own(section, entry.packageName(), fqn).with(entry.config());
        return hierarchy.overridden(own, section, entry.packageName(), fqn);
    }

    private static List<String> fqn(NodeProperties entry, String... last) {
        List<String> fqn = new ArrayList<>(List.of(entry.packageName()));
        fqn.addAll(entry.file().directories());
        fqn.addAll(List.of(last));
        return fqn;
    }

    private Map<String, @Nullable Object> exposure(NodeProperties entry) {
        YamlMapping written = entry.written();
        String type = written.requireText("type", "exposure '" + entry.name() + "'");
        if (!EXPOSURE_TYPES.contains(type)) {
            throw written.keyPosition("type")
                    .mistake("'" + type + "' is not a type of exposure"
                            + NearestName.choices(type, "the types are", EXPOSURE_TYPES));
        }
        Optional<String> maturity = written.text("maturity");
        if (maturity.isPresent() && !MATURITIES.contains(maturity.get())) {
            throw written.keyPosition("maturity")
                    .mistake("'maturity' is low, medium or high, not '" + maturity.get() + "'");
        }
        YamlMapping owner = written.mapping("owner");
        if (owner.entries().isEmpty()) {
            throw entry.position().mistake("exposure '" + entry.name() + "' needs 'owner' with a name or an email");
        }
        List<String> fqn = fqn(entry, entry.name());
        NodeConfig config = config("exposures", entry, fqn);
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("enabled", config.flag("enabled", true, entry.position()));
        settings.put("tags", config.texts("tags", entry.position()));
        settings.put("meta", config.values().getOrDefault("meta", Map.of()));
        Map<String, @Nullable Object> document = head(ResourceTypeName.EXPOSURE, entry);
        document.put("unique_id", "exposure." + entry.packageName() + "." + entry.name());
        document.put("fqn", fqn);
        document.put("type", type);
        document.put("owner", owner.value());
        document.put("description", description(entry));
        document.put("label", written.text("label").orElse(null));
        document.put("maturity", maturity.orElse(null));
        document.put("meta", settings.get("meta"));
        document.put("tags", settings.get("tags"));
        document.put("config", settings);
        document.put("unrendered_config", config.values());
        document.put("url", written.text("url").orElse(null));
        addReferences(document, entry, settings);
        document.put("metrics", List.of());
        document.put("created_at", createdAt);
        return document;
    }

    private void addReferences(
            Map<String, @Nullable Object> document, NodeProperties entry, Map<String, @Nullable Object> settings) {
        List<String> nodes = new ArrayList<>();
        List<Object> refs = new ArrayList<>();
        List<Object> sources = new ArrayList<>();
        for (YamlNode item : entry.written().list("depends_on")) {
            String text = item instanceof YamlScalar scalar ? scalar.text() : "";
            String call = text.contains("{{") ? text : "{{ " + text + " }}";
            ModelText template =
                    ModelText.at(item.position().file(), item.position().line(), call);
            for (Reference reference : renderer.references(template, entry.packageName(), output)) {
                Optional<String> id = index.uniqueId(entry.packageName(), reference);
                if (id.isEmpty() && Boolean.TRUE.equals(settings.get("enabled"))) {
                    problems.add(
                            item.position(),
                            index.missing("exposure '" + entry.name() + "'", entry.packageName(), reference));
                }
                id.ifPresent(nodes::add);
                access.refusal("exposure '" + entry.name() + "'", entry.packageName(), "", reference)
                        .ifPresent(refusal -> problems.add(item.position(), refusal));
                if (reference.kind() == Reference.Kind.SOURCE) {
                    sources.add(reference.names());
                } else {
                    Map<String, @Nullable Object> ref = new LinkedHashMap<>();
                    ref.put("name", reference.name());
                    ref.put(
                            "package",
                            reference.names().size() == 2 ? reference.names().get(0) : null);
                    ref.put(
                            "version",
                            reference.version().map(ModelVersions::value).orElse(null));
                    refs.add(ref);
                }
            }
        }
        Map<String, Object> dependsOn = new LinkedHashMap<>();
        dependsOn.put("macros", List.of());
        dependsOn.put("nodes", nodes);
        document.put("depends_on", dependsOn);
        document.put("refs", refs);
        document.put("sources", sources);
    }

    private Map<String, @Nullable Object> group(NodeProperties entry) {
        YamlMapping owner = entry.written().mapping("owner");
        if (owner.entries().isEmpty()) {
            throw entry.position().mistake("group '" + entry.name() + "' needs 'owner' with a name or an email");
        }
        Map<String, @Nullable Object> document = head(ResourceTypeName.GROUP, entry);
        document.put("unique_id", "group." + entry.packageName() + "." + entry.name());
        document.put("owner", owner.value());
        document.put("description", entry.written().text("description").orElse(null));
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        config.put("meta", entry.config().getOrDefault("meta", Map.of()));
        document.put("config", config);
        return document;
    }

    private String description(NodeProperties entry) {
        return entry.written()
                .get("description")
                .map(text -> docs.rendered(entry.packageName(), text))
                .orElse("");
    }
}

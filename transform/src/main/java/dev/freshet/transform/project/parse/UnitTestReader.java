package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.config.ConfigHierarchy;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the manifest's nodes of {@code unit_tests:}: one for a model, one for each version that is tested of a versioned one. */
public final class UnitTestReader {

    private static final String IS_INCREMENTAL = "is_incremental";

    private final NodeIndex index;
    private final ConfigHierarchy hierarchy;
    private final Properties properties;
    private final DocsBlocks docs;
    private final UnitTestRows rows;
    private final double createdAt;

    /**
     * @param packages by name
     * @param startedAt the time that the manifest has for when they were made
     */
    public UnitTestReader(
            NodeIndex index,
            ConfigHierarchy hierarchy,
            Map<String, ProjectPackage> packages,
            Properties properties,
            DocsBlocks docs,
            Instant startedAt) {
        this.index = index;
        this.hierarchy = hierarchy;
        this.properties = properties;
        this.docs = docs;
        this.rows = new UnitTestRows(index, packages);
        this.createdAt = startedAt.toEpochMilli() / 1000.0;
    }

    /** @throws dev.freshet.state.FreshetException USER with its place when dbt would refuse it */
    List<Map<String, @Nullable Object>> read(NodeProperties entry) {
        YamlMapping written = entry.written();
        String title = "unit test '" + entry.name() + "'";
        String model = written.requireText("model", title);
        List<String> fqn = new ArrayList<>(List.of(entry.packageName()));
        fqn.addAll(entry.file().directories());
        fqn.addAll(List.of(model, entry.name()));
        NodeConfig own = hierarchy.own("unit_tests", entry.packageName(), fqn).with(entry.config());
        NodeConfig config = hierarchy.overridden(own, "unit_tests", entry.packageName(), fqn);
        boolean isEnabled = config.flag("enabled", true, entry.position());
        Reference reference = reference(model, entry.position());
        if (isEnabled && index.isDisabled(entry.packageName(), reference) || !isEnabled) {
            return List.of();
        }
        ParsedNode tested = index.node(entry.packageName(), reference)
                .orElseThrow(() -> entry.position().mistake(index.missing(title, entry.packageName(), reference)));
        checkIncremental(entry, tested);
        Map<String, @Nullable Object> document = document(entry, fqn, config, model, tested);
        List<ParsedNode> versions = versions(entry, tested);
        if (versions.isEmpty()) {
            return List.of(document);
        }
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        for (ParsedNode version : versions) {
            String number = version.source().version().orElseThrow();
            Map<String, @Nullable Object> one = new LinkedHashMap<>(document);
            one.put("unique_id", document.get("unique_id") + "_v" + number);
            one.put("depends_on", dependsOn(version));
            one.put("version", ModelVersions.value(number));
            documents.add(one);
        }
        return documents;
    }

    /** {@code orders}, or {@code orders 2} to name one version, which finds the model and tests all of them, as in dbt. */
    private static Reference reference(String model, Position position) {
        int blank = model.indexOf(' ');
        return blank < 0
                ? new Reference(Reference.Kind.REF, List.of(model), Optional.empty(), position)
                : new Reference(
                        Reference.Kind.REF,
                        List.of(model.substring(0, blank)),
                        Optional.of(model.substring(blank + 1).strip()),
                        position);
    }

    private Map<String, @Nullable Object> document(
            NodeProperties entry, List<String> fqn, NodeConfig config, String model, ParsedNode tested) {
        YamlMapping written = entry.written();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", entry.name());
        document.put("resource_type", "unit_test");
        document.put("package_name", entry.packageName());
        document.put("path", entry.file().path());
        document.put("original_file_path", entry.file().original());
        document.put("unique_id", "unit_test." + entry.packageName() + "." + model + "." + entry.name());
        document.put("fqn", fqn);
        document.put("model", model);
        List<Map<String, @Nullable Object>> given = new ArrayList<>();
        for (YamlNode item : written.list("given")) {
            YamlMapping input = YamlMapping.asMapping("an entry of 'given'", item);
            Map<String, @Nullable Object> fixture = new LinkedHashMap<>();
            fixture.put("input", input.requireText("input", "an entry of 'given'"));
            fixture.putAll(rows.given(input, entry.packageName()));
            given.add(fixture);
        }
        document.put("given", given);
        Map<String, @Nullable Object> expect = rows.expected(written.mapping("expect"), entry.packageName());
        document.put("expect", expect);
        document.put(
                "description",
                written.get("description")
                        .map(text -> docs.rendered(entry.packageName(), text))
                        .orElse(""));
        document.put("overrides", written.get("overrides").map(YamlNode::value).orElse(null));
        document.put("depends_on", dependsOn(tested));
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("tags", config.texts("tags", entry.position()));
        settings.put("meta", config.values().getOrDefault("meta", Map.of()));
        settings.put("enabled", true);
        document.put("config", settings);
        document.put("checksum", UnitTestChecksum.of(model, written, given, expect));
        document.put("schema", tested.relation().schema());
        document.put("created_at", createdAt);
        document.put("versions", written.get("versions").map(YamlNode::value).orElse(null));
        document.put("version", null);
        return document;
    }

    private static Map<String, Object> dependsOn(ParsedNode tested) {
        Map<String, Object> dependsOn = new LinkedHashMap<>();
        dependsOn.put("macros", List.of());
        dependsOn.put("nodes", List.of(tested.uniqueId()));
        return dependsOn;
    }

    /** Which rows an incremental model sees of itself has to be said. */
    private static void checkIncremental(NodeProperties entry, ParsedNode tested) {
        if (!tested.capture().macros().contains("macro.dbt." + IS_INCREMENTAL)) {
            return;
        }
        Object answer = entry.written()
                .mapping("overrides")
                .mapping("macros")
                .get(IS_INCREMENTAL)
                .map(YamlNode::value)
                .orElse(null);
        if (!(answer instanceof Boolean isIncremental)) {
            throw entry.position()
                    .mistake("unit test '" + entry.name() + "' must say what is_incremental() is for "
                            + tested.source().title() + ": overrides: {macros: {is_incremental: false}}");
        }
        boolean hasThis = entry.written().list("given").stream()
                .anyMatch(item -> item instanceof YamlMapping input
                        && input.text("input").orElse("").strip().equals("this"));
        if (isIncremental && !hasThis) {
            throw entry.position()
                    .mistake("unit test '" + entry.name() + "' must give the rows that "
                            + tested.source().title() + " has already: an entry of 'given' with input: this");
        }
    }

    /** The tested versions; none when the model has no versions. */
    private List<ParsedNode> versions(NodeProperties entry, ParsedNode tested) {
        YamlMapping wanted = entry.written().mapping("versions");
        Set<String> included = new LinkedHashSet<>(wanted.texts("include"));
        Set<String> excluded = new LinkedHashSet<>(wanted.texts("exclude"));
        if (!included.isEmpty() && !excluded.isEmpty()) {
            throw wanted.position().mistake("'versions' of a unit test has 'include' or 'exclude', not both");
        }
        String name = tested.source().name();
        List<ParsedNode> known = properties
                .of(ResourceType.MODEL.section(), tested.source().project(), name)
                .map(model -> ModelVersions.nodes(model, index))
                .orElse(List.of());
        if (known.isEmpty()) {
            if (!included.isEmpty() || !excluded.isEmpty()) {
                throw wanted.position().mistake("model '" + name + "' has no versions: remove 'versions'");
            }
            return List.of();
        }
        List<String> numbers =
                known.stream().flatMap(node -> node.source().version().stream()).toList();
        for (String number : included) {
            if (!numbers.contains(number)) {
                throw wanted.keyPosition("include")
                        .mistake("model '" + name + "' has no version '" + number + "'"
                                + NearestName.choices(number, "its versions are", numbers));
            }
        }
        List<ParsedNode> versions = known.stream()
                .filter(node -> included.isEmpty()
                        || included.contains(node.source().version().orElse("")))
                .filter(node -> !excluded.contains(node.source().version().orElse("")))
                .toList();
        if (versions.isEmpty()) {
            throw wanted.position()
                    .mistake("unit test '" + entry.name() + "' tests no version of model '" + name + "'");
        }
        return versions;
    }
}

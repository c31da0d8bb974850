package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads properties files one after the other: models with their configs, sources with their tables. */
public final class PropertiesReader {

    private static final Set<String> SECTIONS = Set.of(
            "version",
            "models",
            "sources",
            "seeds",
            "snapshots",
            "macros",
            "analyses",
            "exposures",
            "metrics",
            "semantic_models",
            "saved_queries",
            "groups",
            "unit_tests",
            "data_tests",
            "tests",
            "functions",
            "anchors");
    /** Rendered later or never: descriptions may hold doc(), tests hold expressions of their own. */
    private static final Set<String> UNTOUCHED =
            Set.of("description", "tests", "data_tests", "pre_hook", "post_hook", "pre-hook", "post-hook");

    /** Everything that has a name of its own and is not a source. */
    private static final Map<String, String> NAMED = Map.ofEntries(
            Map.entry("models", "a model"),
            Map.entry("seeds", "a seed"),
            Map.entry("snapshots", "a snapshot"),
            Map.entry("analyses", "an analysis"),
            Map.entry("macros", "a macro"),
            Map.entry("exposures", "an exposure"),
            Map.entry("groups", "a group"),
            Map.entry("unit_tests", "a unit test"),
            Map.entry("data_tests", "a test"));

    private final String project;
    private final ConfigHierarchy hierarchy;
    private final YamlRendering rendering;
    private final Problems problems;
    private final Map<String, Map<String, NodeProperties>> entries = new LinkedHashMap<>();
    private final Map<String, SourceProperties> sources = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();

    /** @param project the package whose files are read */
    public PropertiesReader(String project, ConfigHierarchy hierarchy, TextRenderer renderer, Problems problems) {
        this.project = project;
        this.hierarchy = hierarchy;
        this.rendering = new YamlRendering(renderer, UNTOUCHED);
        this.problems = problems;
    }

    public void add(YamlMapping written, PropertiesFile file) {
        for (String key : written.entries().keySet()) {
            if (!SECTIONS.contains(key)) {
                warnings.add(
                        written.keyPosition(key) + ": unknown key '" + key + "'" + NearestName.hint(key, SECTIONS));
            }
        }
        NAMED.forEach((section, title) -> each(written, section, entry -> addNamed(section, title, entry, file)));
        each(written, "sources", source -> addSource(source, file));
    }

    public Properties properties() {
        Map<String, List<NodeProperties>> all = new LinkedHashMap<>();
        entries.forEach((section, named) -> all.put(section, List.copyOf(named.values())));
        return new Properties(all, List.copyOf(sources.values()), warnings);
    }

    private interface Entry {
        void read(YamlMapping mapping);
    }

    private void each(YamlMapping parent, String key, Entry entry) {
        problems.attempt(() -> {
            for (YamlNode item : parent.list(key)) {
                problems.attempt(() -> entry.read(YamlMapping.asMapping("an entry of '" + key + "'", item)));
            }
        });
    }

    private void addNamed(String section, String title, YamlMapping written, PropertiesFile file) {
        YamlMapping entry = rendering.mapping(written);
        String name = entry.requireText("name", title);
        Map<String, @Nullable Object> config = metaAndTags(entry);
        for (String key : List.of("docs", "access", "group")) {
            entry.get(key).ifPresent(value -> config.put(key, value.value()));
        }
        NodeConfig merged = new NodeConfig(config).with(entry.mapping("config").value());
        NodeProperties properties =
                new NodeProperties(project, name, file, entry.keyPosition("name"), merged.values(), entry);
        NodeProperties first = entries.computeIfAbsent(section, key -> new LinkedHashMap<>())
                .putIfAbsent(key(section, entry), properties);
        if (first != null) {
            throw properties
                    .position()
                    .mistake("the " + title.substring(title.indexOf(' ') + 1) + " '" + name
                            + "' already has properties at " + first.position() + "; keep one of the two");
        }
    }

    /** A unit test's name is unique for its model only. */
    private static String key(String section, YamlMapping entry) {
        String name = entry.text("name").orElse("");
        return section.equals("unit_tests") ? entry.text("model").orElse("") + "." + name : name;
    }

    private void addSource(YamlMapping written, PropertiesFile file) {
        YamlMapping source = rendering.mapping(written);
        String name = source.requireText("name", "a source");
        each(source, "tables", table -> addTable(source, name, table, file));
    }

    private void addTable(YamlMapping source, String sourceName, YamlMapping table, PropertiesFile file) {
        String name = table.requireText("name", "a table of source '" + sourceName + "'");
        Position position = table.keyPosition("name");
        List<String> fqn = new ArrayList<>(List.of(project));
        fqn.addAll(file.directories());
        fqn.add(sourceName);
        fqn.add(name);
        NodeConfig declared = hierarchy
                .own("sources", project, fqn)
                .with(metaAndTags(source))
                .with(source.mapping("config").value())
                .with(metaAndTags(table))
                .with(table.mapping("config").value());
        NodeConfig config = hierarchy.overridden(declared, "sources", project, fqn);
        FreshetMeta ours = config.freshet(FreshetMeta.SOURCE_KEYS, position);
        FreshetMeta tables = NodeConfig.EMPTY
                .with(metaAndTags(table))
                .with(table.mapping("config").value())
                .freshet(FreshetMeta.SOURCE_KEYS, position);
        Optional<String> connection = table.text("connection")
                .or(() -> tables.setting("connection"))
                .or(() -> source.text("connection"))
                .or(() -> ours.setting("connection"));
        SourceProperties properties = new SourceProperties(
                project,
                sourceName,
                name,
                source.text("database"),
                source.text("schema").orElse(sourceName),
                table.text("identifier").orElse(name),
                connection,
                declaredTypes(table),
                config,
                position,
                fqn,
                file,
                source,
                table);
        SourceProperties first = sources.putIfAbsent(properties.qualifiedName(), properties);
        if (first != null) {
            throw position.mistake(
                    "the source table '" + properties.qualifiedName() + "' is already declared at " + first.position());
        }
    }

    private static Map<String, @Nullable Object> metaAndTags(YamlMapping mapping) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (String key : List.of("meta", "tags")) {
            mapping.get(key).ifPresent(node -> values.put(key, node.value()));
        }
        return values;
    }

    private static Map<String, String> declaredTypes(YamlMapping table) {
        Map<String, String> types = new LinkedHashMap<>();
        for (YamlNode node : table.list("columns")) {
            YamlMapping column = YamlMapping.asMapping("a column", node);
            String name = column.requireText("name", "a column");
            column.text("data_type").ifPresent(type -> types.put(name, type));
        }
        return types;
    }
}

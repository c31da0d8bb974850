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

    private final String project;
    private final ConfigTree sourceTree;
    private final YamlRendering rendering;
    private final Problems problems;
    private final Map<String, ModelProperties> models = new LinkedHashMap<>();
    private final Map<String, SourceProperties> sources = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();

    /** @param sourceTree what dbt_project.yml says about sources */
    public PropertiesReader(String project, ConfigTree sourceTree, TextRenderer renderer, Problems problems) {
        this.project = project;
        this.sourceTree = sourceTree;
        this.rendering = new YamlRendering(renderer, UNTOUCHED);
        this.problems = problems;
    }

    /** @param directories the file's directories below its model path, for the config tree */
    public void add(YamlMapping file, List<String> directories) {
        for (String key : file.entries().keySet()) {
            if (!SECTIONS.contains(key)) {
                warnings.add(file.keyPosition(key) + ": unknown key '" + key + "'" + NearestName.hint(key, SECTIONS));
            }
        }
        each(file, "models", this::addModel);
        each(file, "sources", source -> addSource(source, directories));
    }

    public Properties properties() {
        return new Properties(models, sources, warnings);
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

    private void addModel(YamlMapping written) {
        YamlMapping model = rendering.mapping(written);
        String name = model.requireText("name", "a model");
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        model.get("meta").ifPresent(meta -> config.put("meta", meta.value()));
        config.putAll(model.mapping("config").value());
        ModelProperties properties = new ModelProperties(
                name, model.keyPosition("name"), model.text("description").orElse(""), config);
        ModelProperties first = models.putIfAbsent(name, properties);
        if (first != null) {
            throw properties
                    .position()
                    .mistake("the model '" + name + "' already has properties at " + first.position()
                            + "; keep one of the two");
        }
    }

    private void addSource(YamlMapping written, List<String> directories) {
        YamlMapping source = rendering.mapping(written);
        String name = source.requireText("name", "a source");
        each(source, "tables", table -> addTable(source, name, table, directories));
    }

    private void addTable(YamlMapping source, String sourceName, YamlMapping table, List<String> directories) {
        String name = table.requireText("name", "a table of source '" + sourceName + "'");
        Position position = table.keyPosition("name");
        List<String> fqn = new ArrayList<>(List.of(project));
        fqn.addAll(directories);
        fqn.add(sourceName);
        fqn.add(name);
        NodeConfig config = sourceTree
                .configOf(fqn)
                .with(metaAndTags(source))
                .with(source.mapping("config").value())
                .with(metaAndTags(table))
                .with(table.mapping("config").value());
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
                sourceName,
                name,
                source.text("database"),
                source.text("schema").orElse(sourceName),
                table.text("identifier").orElse(name),
                connection,
                declaredTypes(table),
                config,
                position);
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

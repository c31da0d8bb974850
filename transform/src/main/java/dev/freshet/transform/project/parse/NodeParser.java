package dev.freshet.transform.project.parse;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.config.ConfigHierarchy;
import dev.freshet.transform.project.config.FreshetMeta;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.config.Profile;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.node.GenericTest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Capture;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.NamingMacro;
import dev.freshet.transform.project.render.Relation;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Renders models for the first time: merges their configuration and names their relations. */
public final class NodeParser {

    private static final Set<String> MATERIALIZATIONS =
            Set.of("table", "view", "ephemeral", "incremental", "materialized_view");
    private static final String TEST_SCHEMA = "dbt_test__audit";

    private final Profile profile;
    private final ConfigHierarchy hierarchy;
    private final Properties properties;
    private final ModelRenderer renderer;

    /** For one project: its profile, the configuration of its directories, and its properties files. */
    public NodeParser(Profile profile, ConfigHierarchy hierarchy, Properties properties, ModelRenderer renderer) {
        this.profile = profile;
        this.hierarchy = hierarchy;
        this.properties = properties;
        this.renderer = renderer;
    }

    /** Parses for the engine of the model's own output. */
    public ParsedNode parse(NodeSource source) {
        return parse(source, Optional.empty());
    }

    /** Parses again, for the engine that the model turned out to run on. */
    public ParsedNode parseFor(NodeSource source, Engine engine) {
        return parse(source, Optional.of(engine));
    }

    private ParsedNode parse(NodeSource source, Optional<Engine> engine) {
        String section = source.type().section();
        NodeConfig outside = hierarchy.own(section, source.project(), source.fqn());
        Position configured = source.start();
        Optional<NodeProperties> declared = declared(source);
        if (declared.isPresent()) {
            outside = outside.with(declared.get().config());
            configured = declared.get().position();
            Optional<YamlMapping> version = ModelVersions.of(declared.get(), source);
            if (version.isPresent()) {
                outside = outside.with(version.get().mapping("config").value());
            }
        }
        Connection output = output(source, outside, configured);
        Capture capture = renderer.parse(source.text(), subject(source, outside, output, engine));
        NodeConfig config = configured(source, outside, capture);
        configured = capture.configured().orElse(configured);
        Connection chosen = output(source, config, configured);
        if (!chosen.equals(output)) {
            // The node's own config() moved it to another output: its template sees that one as target.
            capture = renderer.parse(source.text(), subject(source, config, chosen, engine));
            config = configured(source, outside, capture);
        }
        if (source.type() == ResourceType.MODEL && declared.isPresent()) {
            capture = capture.and(ForeignKeys.of(declared.get()));
        }
        return named(source, config, chosen, capture, configured, engine.orElse(Engine.of(chosen.type())));
    }

    private Optional<NodeProperties> declared(NodeSource source) {
        String section = source.type() == ResourceType.TEST
                ? "data_tests"
                : source.type().section();
        return properties.of(section, source.project(), source.name());
    }

    private NodeConfig configured(NodeSource source, NodeConfig outside, Capture capture) {
        NodeConfig config = hierarchy.overridden(
                outside.with(capture.config()), source.type().section(), source.project(), source.fqn());
        return source.type() == ResourceType.TEST ? withStoreFailures(config) : config;
    }

    /** As in dbt, {@code store_failures_as} has the last word about {@code store_failures}. */
    private static NodeConfig withStoreFailures(NodeConfig config) {
        Optional<String> kind = config.text("store_failures_as");
        if (kind.isPresent()) {
            return config.with(Map.of("store_failures", !kind.get().equals("ephemeral")));
        }
        Object stores = config.values().get("store_failures");
        return stores instanceof Boolean flag
                ? config.with(Map.of("store_failures_as", flag ? "table" : "ephemeral"))
                : config;
    }

    private Connection output(NodeSource source, NodeConfig config, Position configured) {
        FreshetMeta ours = config.freshet(settings(source), configured);
        Optional<String> named = config.text("target").or(() -> ours.setting("target"));
        try {
            return named.map(name -> profile.routed(name, source.title()))
                    .orElseGet(() -> profile.output(profile.target(), source.title()));
        } catch (FreshetException e) {
            throw configured.mistake(String.valueOf(e.getMessage()));
        }
    }

    private static Set<String> settings(NodeSource source) {
        return source.type() == ResourceType.TEST ? FreshetMeta.TEST_KEYS : FreshetMeta.MODEL_KEYS;
    }

    private static ModelRenderer.Subject subject(
            NodeSource source, NodeConfig config, Connection output, Optional<Engine> engine) {
        Engine used = engine.orElse(Engine.of(output.type()));
        TableId provisional =
                new TableId(output.name(), OutputDefaults.schema(output).orElse("schema"), source.name());
        Relation self = Relation.table(provisional, OutputDefaults.database(output), "table", used.style());
        return new ModelRenderer.Subject(source.project(), output, used, self, node(source, config), arguments(source));
    }

    /** The arguments of a generic test, none for any other node. */
    public static Map<String, @Nullable Object> arguments(NodeSource source) {
        return source.test().map(GenericTest::arguments).orElse(Map.of());
    }

    private ParsedNode named(
            NodeSource source,
            NodeConfig config,
            Connection output,
            Capture capture,
            Position configured,
            Engine parsedFor) {
        Map<String, Object> node = node(source, config);
        boolean isTest = source.type() == ResourceType.TEST;
        Optional<String> customSchema =
                config.text("schema").or(() -> isTest ? Optional.of(TEST_SCHEMA) : Optional.empty());
        boolean isSnapshot = source.type() == ResourceType.SNAPSHOT;
        String schema = isSnapshot && config.text("target_schema").isPresent()
                ? config.text("target_schema").get()
                : renderer.name(NamingMacro.SCHEMA, source.project(), output, customSchema, node);
        String alias = renderer.name(NamingMacro.ALIAS, source.project(), output, config.text("alias"), node);
        String database = isSnapshot && config.text("target_database").isPresent()
                ? config.text("target_database").get()
                : renderer.name(NamingMacro.DATABASE, source.project(), output, config.text("database"), node);
        if (schema.isEmpty() || schema.equals("None")) {
            throw configured.mistake(
                    source.title() + " has no schema: output '" + output.name() + "' needs 'schema' in profiles.yml");
        }
        if (alias.isEmpty()) {
            throw configured.mistake("generate_alias_name gives " + source.title() + " an empty name");
        }
        return new ParsedNode(
                source,
                config,
                config.freshet(settings(source), configured),
                output,
                new TableId(output.name(), schema, alias),
                database.equals("None") ? "" : database,
                materialization(source, config, configured),
                config.texts("unique_key", configured),
                config.texts("tags", configured),
                capture,
                configured,
                parsedFor);
    }

    private Model.Materialization materialization(NodeSource source, NodeConfig config, Position configured) {
        if (source.type() != ResourceType.MODEL) {
            return Model.Materialization.TABLE;
        }
        String written = config.text("materialized").orElse("view");
        if (MATERIALIZATIONS.contains(written)) {
            return Model.Materialization.valueOf(written.toUpperCase(Locale.ROOT));
        }
        if (renderer.hasMaterialization(written)) {
            return Model.Materialization.CUSTOM;
        }
        throw configured.mistake(source.title() + " has the unknown materialization '" + written + "'"
                + NearestName.choices(written, "the known ones are", MATERIALIZATIONS));
    }

    /** The model as {@code model} and the naming macros' {@code node} show it. */
    public static Map<String, Object> node(NodeSource source, NodeConfig config) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        for (String key : List.of("alias", "schema", "database")) {
            settings.put(key, null);
        }
        settings.put("enabled", true);
        settings.put(
                "materialized",
                source.type() == ResourceType.MODEL ? "view" : source.type().id());
        settings.put("tags", List.of());
        settings.put("meta", Map.of());
        settings.putAll(config.values());
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("name", source.name());
        node.put("alias", config.text("alias").orElse(source.name()));
        node.put("unique_id", source.uniqueId());
        node.put("resource_type", source.type().id());
        node.put("package_name", source.project());
        node.put("fqn", source.fqn());
        node.put("path", source.path());
        node.put("original_file_path", source.originalFile());
        source.version().ifPresent(number -> node.put("version", ModelVersions.value(number)));
        node.put("language", "sql");
        node.put("raw_code", source.text().raw());
        node.put("tags", config.values().get("tags") instanceof List<?> tags ? tags : List.of());
        node.put("meta", config.values().get("meta") instanceof Map<?, ?> meta ? meta : Map.of());
        node.put("config", settings);
        node.put("unrendered_config", settings);
        // While parsing, properties and references are not known yet, as in dbt.
        node.put("columns", Map.of());
        Map<String, Object> dependsOn = new LinkedHashMap<>();
        dependsOn.put("macros", List.of());
        dependsOn.put("nodes", List.of());
        node.put("depends_on", dependsOn);
        return node;
    }
}

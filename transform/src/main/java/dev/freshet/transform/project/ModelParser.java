package dev.freshet.transform.project;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.config.ConfigTree;
import dev.freshet.transform.project.config.FreshetMeta;
import dev.freshet.transform.project.config.ModelProperties;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.config.Profile;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Capture;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.NamingMacro;
import dev.freshet.transform.project.render.Relation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Renders models for the first time: merges their configuration and names their relations. */
final class ModelParser {

    private static final Set<String> MATERIALIZATIONS = Set.of("table", "view", "ephemeral");
    private static final Set<String> OTHER_MATERIALIZATIONS =
            Set.of("incremental", "materialized_view", "snapshot", "seed");

    private final Profile profile;
    private final ConfigTree tree;
    private final Properties properties;
    private final ModelRenderer renderer;

    ModelParser(Profile profile, ConfigTree tree, Properties properties, ModelRenderer renderer) {
        this.profile = profile;
        this.tree = tree;
        this.properties = properties;
        this.renderer = renderer;
    }

    /** Parses for the engine of the model's own output. */
    ParsedModel parse(ModelSource source) {
        return parse(source, Optional.empty());
    }

    /** Parses again, for the engine that the model turned out to run on. */
    ParsedModel parseFor(ModelSource source, Engine engine) {
        return parse(source, Optional.of(engine));
    }

    private ParsedModel parse(ModelSource source, Optional<Engine> engine) {
        ModelProperties declared = properties.models().get(source.name());
        NodeConfig outside = tree.configOf(source.fqn());
        Position configured = source.start();
        if (declared != null) {
            outside = outside.with(declared.config());
            configured = declared.position();
        }
        Connection output = output(source, outside, configured);
        Capture capture = renderer.parse(source.text(), subject(source, outside, output, engine));
        NodeConfig config = outside.with(capture.config());
        configured = capture.configured().orElse(configured);
        Connection chosen = output(source, config, configured);
        if (!chosen.equals(output)) {
            // The model's own config() moved it to another output: its template sees that one as target.
            capture = renderer.parse(source.text(), subject(source, config, chosen, engine));
            config = outside.with(capture.config());
        }
        return named(source, config, chosen, capture, configured, engine.orElse(Engine.of(chosen.type())));
    }

    private Connection output(ModelSource source, NodeConfig config, Position configured) {
        FreshetMeta ours = config.freshet(FreshetMeta.MODEL_KEYS, configured);
        String name = config.text("target").or(() -> ours.setting("target")).orElse(profile.target());
        try {
            return profile.output(name, "model '" + source.name() + "'");
        } catch (FreshetException e) {
            throw configured.mistake(String.valueOf(e.getMessage()));
        }
    }

    private static ModelRenderer.Subject subject(
            ModelSource source, NodeConfig config, Connection output, Optional<Engine> engine) {
        Engine used = engine.orElse(Engine.of(output.type()));
        TableId provisional =
                new TableId(output.name(), OutputDefaults.schema(output).orElse("schema"), source.name());
        Relation self = Relation.table(provisional, OutputDefaults.database(output), "table", used.style());
        return new ModelRenderer.Subject(output, used, self, node(source, config));
    }

    private ParsedModel named(
            ModelSource source,
            NodeConfig config,
            Connection output,
            Capture capture,
            Position configured,
            Engine parsedFor) {
        Map<String, Object> node = node(source, config);
        String schema = renderer.name(NamingMacro.SCHEMA, output, config.text("schema"), node);
        String alias = renderer.name(NamingMacro.ALIAS, output, config.text("alias"), node);
        String database = renderer.name(NamingMacro.DATABASE, output, config.text("database"), node);
        if (schema.isEmpty() || schema.equals("None")) {
            throw configured.mistake("model '" + source.name() + "' has no schema: output '" + output.name()
                    + "' needs 'schema' in profiles.yml");
        }
        if (alias.isEmpty()) {
            throw configured.mistake("generate_alias_name gives model '" + source.name() + "' an empty name");
        }
        return new ParsedModel(
                source,
                config,
                config.freshet(FreshetMeta.MODEL_KEYS, configured),
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

    private static Model.Materialization materialization(ModelSource source, NodeConfig config, Position configured) {
        String written = config.text("materialized").orElse("view");
        if (MATERIALIZATIONS.contains(written)) {
            return Model.Materialization.valueOf(written.toUpperCase(Locale.ROOT));
        }
        if (OTHER_MATERIALIZATIONS.contains(written)) {
            throw configured.mistake(
                    "model '" + source.name() + "' is materialized as '" + written
                            + "', which is not supported yet; use 'table': Freshet keeps it fresh by deltas without any is_incremental()");
        }
        throw configured.mistake("model '" + source.name() + "' has the unknown materialization '" + written + "'"
                + NearestName.choices(written, "the known ones are", MATERIALIZATIONS));
    }

    /** The model as {@code model} and the naming macros' {@code node} show it. */
    static Map<String, Object> node(ModelSource source, NodeConfig config) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        for (String key : List.of("alias", "schema", "database")) {
            settings.put(key, null);
        }
        settings.put("enabled", true);
        settings.put("materialized", "view");
        settings.put("tags", List.of());
        settings.put("meta", Map.of());
        settings.putAll(config.values());
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("name", source.name());
        node.put("alias", config.text("alias").orElse(source.name()));
        node.put("unique_id", source.uniqueId());
        node.put("resource_type", "model");
        node.put("package_name", source.project());
        node.put("fqn", source.fqn());
        node.put("path", String.join("/", source.fqn().subList(1, source.fqn().size())) + ".sql");
        node.put("original_file_path", source.file());
        node.put("language", "sql");
        node.put("raw_code", source.text().raw());
        node.put("tags", config.values().get("tags") instanceof List<?> tags ? tags : List.of());
        node.put("meta", config.values().get("meta") instanceof Map<?, ?> meta ? meta : Map.of());
        node.put("config", settings);
        node.put("unrendered_config", settings);
        return node;
    }
}

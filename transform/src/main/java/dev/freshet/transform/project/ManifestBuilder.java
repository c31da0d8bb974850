package dev.freshet.transform.project;

import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.config.SourceProperties;
import dev.freshet.transform.project.manifest.ConfigDocument;
import dev.freshet.transform.project.manifest.MacroCalls;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.manifest.NodeDocument;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.parse.DocsBlocks;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Quoting;
import dev.freshet.transform.project.render.Relation;
import dev.freshet.transform.project.render.RelationStyle;
import dev.freshet.transform.project.render.TemplateEnvironment;
import dev.freshet.transform.project.selection.SelectorsFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the manifest of a parsed project. Used once. */
final class ManifestBuilder {

    /** What the project consists of. */
    record Parsed(
            String project,
            Collection<ProjectPackage> packages,
            Properties properties,
            DocsBlocks docs,
            TemplateEnvironment templates,
            Map<String, SourceNode> sources,
            Assembly.Graph graph,
            List<ParsedNode> disabled,
            Map<String, Map<String, @Nullable Object>> propertyNodes,
            Map<String, String> latestVersions,
            Map<String, SelectorsFile.NamedSelection> selectors,
            Map<String, String> outputTypes,
            String adapterType,
            Quoting quoting,
            String invocationId,
            Instant startedAt) {}

    private final Parsed parsed;
    private final NodeDocument.Sources context;
    private final double createdAt;

    ManifestBuilder(Parsed parsed) {
        this.parsed = parsed;
        this.createdAt = parsed.startedAt().toEpochMilli() / 1000.0;
        this.context = new NodeDocument.Sources(
                parsed.graph().parents(),
                parsed.docs()::rendered,
                parsed.latestVersions(),
                parsed.quoting(),
                createdAt);
    }

    Manifest build() {
        Map<String, Map<String, @Nullable Object>> nodes = new LinkedHashMap<>();
        parsed.graph().nodes().forEach((id, node) -> nodes.put(id, document(node)));
        Map<String, List<Map<String, @Nullable Object>>> disabled = new LinkedHashMap<>();
        for (ParsedNode node : parsed.disabled()) {
            disabled.computeIfAbsent(node.uniqueId(), id -> new ArrayList<>()).add(document(node));
        }
        return Manifest.of(new Manifest.Parts(
                metadata(),
                nodes,
                sources(),
                macros(),
                docs(),
                parsed.propertyNodes(),
                disabled,
                NodeSelector.documents(parsed.selectors())));
    }

    private Map<String, @Nullable Object> document(ParsedNode node) {
        return NodeDocument.of(node, properties(node), context);
    }

    private Optional<NodeProperties> properties(ParsedNode node) {
        NodeSource source = node.source();
        return source.test().isPresent()
                ? Optional.empty()
                : parsed.properties().of(source.type().section(), source.project(), source.name());
    }

    private Map<String, @Nullable Object> metadata() {
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("dbt_version", ModelRenderer.DBT_VERSION);
        metadata.put("generated_at", parsed.startedAt().toString());
        metadata.put("invocation_id", parsed.invocationId());
        metadata.put("invocation_started_at", parsed.startedAt().toString());
        metadata.put("env", Map.of());
        metadata.put("project_name", parsed.project());
        metadata.put("project_id", dev.freshet.transform.project.render.Digest.md5(parsed.project()));
        metadata.put("user_id", null);
        metadata.put("send_anonymous_usage_stats", false);
        metadata.put("adapter_type", parsed.adapterType());
        Map<String, Object> quoting = new LinkedHashMap<>();
        Quoting.PARTS.stream()
                .sorted()
                .forEach(part -> quoting.put(part, parsed.quoting().parts().getOrDefault(part, true)));
        metadata.put("quoting", quoting);
        metadata.put("run_started_at", parsed.startedAt().toString());
        return metadata;
    }

    private Map<String, Map<String, @Nullable Object>> sources() {
        Map<String, Map<String, @Nullable Object>> documents = new LinkedHashMap<>();
        for (SourceProperties table : parsed.properties().sources()) {
            String id = "source." + table.packageName() + "." + table.qualifiedName();
            SourceNode node = parsed.sources().get(id);
            if (node != null) {
                documents.put(id, source(id, table, node));
            }
        }
        return documents;
    }

    private Map<String, @Nullable Object> source(String id, SourceProperties table, SourceNode node) {
        YamlMapping written = table.written();
        YamlMapping outer = table.sourceWritten();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("database", node.database().isEmpty() ? null : node.database());
        document.put("schema", table.schema());
        document.put("name", table.table());
        document.put("resource_type", "source");
        document.put("package_name", table.packageName());
        document.put("path", table.file().original());
        document.put("original_file_path", table.file().original());
        document.put("unique_id", id);
        document.put("fqn", table.fqn());
        document.put("source_name", table.source());
        document.put("source_description", description(table.packageName(), outer));
        document.put("loader", outer.text("loader").orElse(""));
        document.put("identifier", table.identifier());
        Map<String, @Nullable Object> quoting = new LinkedHashMap<>();
        for (String key : List.of("database", "schema", "identifier", "column")) {
            quoting.put(key, null);
        }
        quoting.putAll(outer.mapping("quoting").value());
        quoting.putAll(written.mapping("quoting").value());
        document.put("quoting", quoting);
        Optional<YamlNode> loadedAt = setting(written, outer, "loaded_at_field");
        Optional<YamlNode> query = setting(written, outer, "loaded_at_query");
        Object freshness = freshness(written, outer);
        document.put("loaded_at_field", loadedAt.map(YamlNode::value).orElse(null));
        document.put("loaded_at_query", query.map(YamlNode::value).orElse(null));
        document.put("freshness", freshness);
        document.put("external", written.get("external").map(YamlNode::value).orElse(null));
        document.put("description", description(table.packageName(), written));
        document.put(
                "columns", NodeDocument.columns(written, text -> parsed.docs().rendered(table.packageName(), text)));
        Object meta = table.config().values().getOrDefault("meta", Map.of());
        document.put("meta", meta);
        document.put("source_meta", outer.mapping("meta").value());
        List<String> tags = table.config().texts("tags", table.position());
        document.put("tags", tags);
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        config.put("enabled", true);
        config.put("event_time", table.config().values().get("event_time"));
        config.put("freshness", freshness);
        config.put("loaded_at_field", document.get("loaded_at_field"));
        config.put("loaded_at_query", document.get("loaded_at_query"));
        config.put("meta", meta);
        config.put("tags", tags);
        document.put("config", config);
        document.put("patch_path", null);
        document.put("unrendered_config", table.config().values());
        document.put(
                "relation_name",
                node.quoting()
                        .applied(Relation.table(
                                node.table().table(),
                                node.database(),
                                "table",
                                RelationStyle.of(parsed.outputTypes()
                                        .getOrDefault(node.table().table().connection(), parsed.adapterType()))))
                        .text());
        document.put("created_at", createdAt);
        document.put("unrendered_database", table.database().orElse(null));
        document.put("unrendered_schema", outer.text("schema").orElse(null));
        document.put("doc_blocks", List.of());
        return document;
    }

    /** A setting of the table, else of its source, under {@code config:} or beside it. */
    private static Optional<YamlNode> setting(YamlMapping table, YamlMapping source, String key) {
        return table.mapping("config")
                .get(key)
                .or(() -> table.get(key))
                .or(() -> source.mapping("config").get(key))
                .or(() -> source.get(key));
    }

    private static @Nullable Object freshness(YamlMapping table, YamlMapping source) {
        boolean isOff = table.entries().get("freshness") != null
                        && table.get("freshness").isEmpty()
                || table.mapping("config").entries().get("freshness") != null
                        && table.mapping("config").get("freshness").isEmpty();
        Optional<YamlNode> written = isOff ? Optional.empty() : setting(table, source, "freshness");
        if (!(written.orElse(null) instanceof YamlMapping mapping)) {
            return null;
        }
        Map<String, @Nullable Object> freshness = new LinkedHashMap<>();
        for (String key : List.of("warn_after", "error_after")) {
            Map<String, @Nullable Object> limit = new LinkedHashMap<>();
            limit.put(
                    "count",
                    mapping.mapping(key).get("count").map(YamlNode::value).orElse(null));
            limit.put("period", mapping.mapping(key).text("period").orElse(null));
            freshness.put(key, limit);
        }
        freshness.put("filter", mapping.text("filter").orElse(null));
        return freshness;
    }

    private String description(String packageName, YamlMapping written) {
        return written.get("description")
                .map(text -> parsed.docs().rendered(packageName, text))
                .orElse("");
    }

    private Map<String, Map<String, @Nullable Object>> macros() {
        Map<String, String> prefixes = new LinkedHashMap<>();
        parsed.packages().forEach(each -> prefixes.put(each.name(), each.isRoot() ? "" : each.directory() + "/"));
        MacroCalls calls = new MacroCalls(parsed.project());
        parsed.templates()
                .macros()
                .forEach((packageName, macros) -> macros.forEach(macro ->
                        calls.add(packageName, macro.uniqueName(), "macro." + packageName + "." + macro.uniqueName())));
        Map<String, Map<String, @Nullable Object>> documents = new LinkedHashMap<>();
        parsed.templates().macros().forEach((packageName, macros) -> {
            for (MacroDefinition macro : macros) {
                String id = "macro." + packageName + "." + macro.uniqueName();
                String file = macro.location().file();
                String prefix = prefixes.getOrDefault(packageName, "");
                documents.put(
                        id,
                        macro(
                                id,
                                packageName,
                                macro,
                                file.startsWith(prefix) ? file.substring(prefix.length()) : file,
                                calls.in(packageName, id, macro.source())));
            }
        });
        return documents;
    }

    private Map<String, @Nullable Object> macro(
            String id, String packageName, MacroDefinition macro, String file, List<String> called) {
        Optional<NodeProperties> properties = parsed.properties().of("macros", packageName, macro.name());
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", macro.uniqueName());
        document.put("resource_type", "macro");
        document.put("package_name", packageName);
        document.put("path", file);
        document.put("original_file_path", file);
        document.put("unique_id", id);
        document.put("macro_sql", macro.source());
        document.put("depends_on", Map.of("macros", called));
        document.put(
                "description",
                properties
                        .map(entry -> description(packageName, entry.written()))
                        .orElse(""));
        document.put(
                "meta",
                properties
                        .map(entry -> entry.config().getOrDefault("meta", Map.of()))
                        .orElse(Map.of()));
        document.put("docs", ConfigDocument.docs(Map.of()));
        document.put(
                "patch_path",
                properties
                        .map(entry -> entry.packageName() + "://" + entry.file().original())
                        .orElse(null));
        List<Object> arguments = new ArrayList<>();
        properties.ifPresent(entry -> {
            for (YamlNode item : entry.written().list("arguments")) {
                if (item instanceof YamlMapping argument) {
                    Map<String, @Nullable Object> one = new LinkedHashMap<>();
                    one.put("name", argument.text("name").orElse(""));
                    one.put("type", argument.text("type").orElse(null));
                    one.put("description", argument.text("description").orElse(""));
                    arguments.add(one);
                }
            }
        });
        document.put("arguments", arguments);
        document.put("created_at", createdAt);
        document.put(
                "supported_languages", macro.kind() == MacroDefinition.Kind.MATERIALIZATION ? List.of("sql") : null);
        return document;
    }

    private Map<String, Map<String, @Nullable Object>> docs() {
        Map<String, Map<String, @Nullable Object>> documents = new LinkedHashMap<>();
        for (DocsBlocks.Block block : parsed.docs().all()) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("name", block.name());
            document.put("resource_type", "doc");
            document.put("package_name", block.packageName());
            document.put("path", block.path());
            document.put("original_file_path", block.original());
            document.put("unique_id", block.uniqueId());
            document.put("block_contents", block.contents());
            documents.put(block.uniqueId(), document);
        }
        return documents;
    }
}

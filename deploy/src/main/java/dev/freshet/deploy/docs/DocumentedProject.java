package dev.freshet.deploy.docs;

import dev.freshet.state.Connection;
import dev.freshet.transform.engine.ProjectCatalog;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the page shows of a project, as plain maps and lists: every node with its description, columns, tests, text and place. */
final class DocumentedProject {

    /** The engine of models whose parents live in several databases. */
    static final String OWN_ENGINE = "Freshet";

    private static final String SHOWN_WITHOUT_OVERVIEW =
            """
            Choose a node on the left, or search for a name, a column or a word of a description (press `/`).

            This overview is yours to write: a docs block `{% docs __overview__ %}` in any Markdown file of the project replaces it.
            """;

    private final ParsedProject project;
    private final ProjectCatalog.Catalog catalog;
    private final Map<String, String> compiled;
    private final Markdown markdown = new Markdown();
    private final Map<String, Node> nodes;
    private final Map<String, List<Map<String, @Nullable Object>>> tests;

    /** @param compiled texts by unique id */
    DocumentedProject(ParsedProject project, ProjectCatalog.Catalog catalog, Map<String, String> compiled) {
        this.project = project;
        this.catalog = catalog;
        this.compiled = compiled;
        this.nodes = project.nodes().stream().collect(Collectors.toMap(Node::uniqueId, node -> node));
        this.tests = project.manifest().section("nodes").values().stream()
                .filter(document -> "test".equals(document.get("resource_type")))
                .collect(Collectors.groupingBy(DocumentedProject::testedNode));
    }

    Map<String, @Nullable Object> document() {
        List<Map<String, @Nullable Object>> shown = new ArrayList<>();
        section("sources").forEach(document -> shown.add(source(document)));
        section("nodes").stream()
                .filter(document -> !"test".equals(document.get("resource_type")))
                .forEach(document -> shown.add(node(document)));
        section("exposures").forEach(document -> shown.add(exposure(document)));
        section("macros").stream()
                .filter(document -> project.name().equals(document.get("package_name")))
                .forEach(document -> shown.add(macro(document)));
        Map<String, @Nullable Object> whole = new LinkedHashMap<>();
        whole.put("project", project.name());
        whole.put("generatedAt", metadata("generated_at"));
        whole.put("own", OWN_ENGINE);
        whole.put("overview", markdown.html(overview()));
        whole.put("nodes", shown);
        return whole;
    }

    private String metadata(String key) {
        Map<?, ?> metadata = (Map<?, ?>) project.manifest().document().getOrDefault("metadata", Map.of());
        return String.valueOf(metadata.get(key));
    }

    private String overview() {
        return project.manifest().section("docs").values().stream()
                .filter(block -> "__overview__".equals(block.get("name")))
                .filter(block -> project.name().equals(block.get("package_name")))
                .map(block -> text(block, "block_contents"))
                .findFirst()
                .orElse(SHOWN_WITHOUT_OVERVIEW);
    }

    /** What wants to be shown. */
    private List<Map<String, @Nullable Object>> section(String name) {
        return project.manifest().section(name).values().stream()
                .filter(document ->
                        !(document.get("docs") instanceof Map<?, ?> docs) || !Boolean.FALSE.equals(docs.get("show")))
                .toList();
    }

    private Map<String, @Nullable Object> node(Map<String, @Nullable Object> document) {
        Node node = Objects.requireNonNull(nodes.get(text(document, "unique_id")));
        String type = node.type().id();
        String version = node.version().map(number -> ".v" + number).orElse("");
        Map<String, @Nullable Object> shown = shown(document, type, node.name(), node.name() + version);
        shown.put("kind", type.equals("model") ? node.materialized() + " model" : type);
        List<String> path = new ArrayList<>();
        path.add(plural(type));
        List<String> fqn = node.fqn();
        boolean isOwn = node.packageName().equals(project.name());
        path.addAll(fqn.subList(isOwn ? 1 : 0, Math.max(isOwn ? 1 : 0, fqn.indexOf(node.name()))));
        shown.put("path", path);
        shown.put("name", node.name() + version);
        boolean isOurs = type.equals("model") && project.route(node) == Model.Route.MAINTAINED;
        shown.put("engine", isOurs ? OWN_ENGINE : engine(project.output(node)));
        shown.put("raw", text(document, "raw_code"));
        shown.put("compiled", compiled.get(node.uniqueId()));
        return shown;
    }

    private String engine(Connection output) {
        return output.type() + " " + output.name();
    }

    private Map<String, @Nullable Object> source(Map<String, @Nullable Object> document) {
        String qualified = text(document, "source_name") + "." + text(document, "name");
        Map<String, @Nullable Object> shown = shown(document, "source", text(document, "name"), qualified);
        shown.put("kind", "source");
        shown.put("path", List.of("Sources", text(document, "source_name")));
        Connection output = project.connections().get(project.execution().outputOfSource(text(document, "unique_id")));
        shown.put("engine", engine(output == null ? project.target() : output));
        return shown;
    }

    private Map<String, @Nullable Object> exposure(Map<String, @Nullable Object> document) {
        String name = text(document, "name");
        String label = text(document, "label");
        Map<String, @Nullable Object> shown = shown(document, "exposure", name, label.isEmpty() ? name : label);
        shown.put("kind", text(document, "type").isEmpty() ? "exposure" : text(document, "type"));
        shown.put("path", List.of("Exposures"));
        return shown;
    }

    private Map<String, @Nullable Object> macro(Map<String, @Nullable Object> document) {
        String name = text(document, "name");
        Map<String, @Nullable Object> shown = shown(document, "macro", name, name);
        shown.put("kind", "macro");
        shown.put("path", List.of("Macros"));
        shown.put("parents", List.of());
        shown.put("raw", text(document, "macro_sql"));
        return shown;
    }

    /** What all kinds have in common. */
    private Map<String, @Nullable Object> shown(
            Map<String, @Nullable Object> document, String type, String name, String title) {
        String id = text(document, "unique_id");
        Map<String, @Nullable Object> entry =
                catalog.nodes().getOrDefault(id, catalog.sources().getOrDefault(id, Map.of()));
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("id", id);
        shown.put("type", type);
        shown.put("name", name);
        shown.put("title", title);
        shown.put("relation", text(document, "relation_name"));
        shown.put("description", markdown.html(text(document, "description")));
        shown.put("tags", document.get("tags") instanceof List<?> tags ? tags : List.of());
        shown.put("facts", facts(document, entry));
        shown.put("columns", columns(document, entry));
        shown.put("tests", testNames(id, ""));
        Object reads = project.manifest().document().get("parent_map") instanceof Map<?, ?> map ? map.get(id) : null;
        shown.put("parents", reads == null ? List.of() : reads);
        if (document.get("docs") instanceof Map<?, ?> docs && docs.get("node_color") instanceof String colour) {
            shown.put("colour", colour);
        }
        return shown;
    }

    private static List<List<String>> facts(
            Map<String, @Nullable Object> document, Map<String, @Nullable Object> entry) {
        List<List<String>> facts = new ArrayList<>();
        Map<?, ?> metadata = entry.get("metadata") instanceof Map<?, ?> known ? known : Map.of();
        addFact(facts, "owner", metadata.get("owner"));
        addFact(facts, "owner", document.get("owner") instanceof Map<?, ?> owner ? owner.get("name") : null);
        addFact(facts, "access", document.get("access"));
        addFact(facts, "group", document.get("group"));
        if (document.get("contract") instanceof Map<?, ?> contract && Boolean.TRUE.equals(contract.get("enforced"))) {
            addFact(facts, "contract", "enforced");
        }
        addFact(facts, "maturity", document.get("maturity"));
        addFact(facts, "file", document.get("original_file_path"));
        return facts;
    }

    private static void addFact(List<List<String>> facts, String name, @Nullable Object value) {
        if (value != null && !value.toString().isEmpty()) {
            facts.add(List.of(name, value.toString()));
        }
    }

    /** As the database has them, and after them those that are only described. */
    private List<Map<String, @Nullable Object>> columns(
            Map<String, @Nullable Object> document, Map<String, @Nullable Object> entry) {
        Map<String, Map<?, ?>> described = byLowerName(document.get("columns"));
        Map<String, Map<?, ?>> found = byLowerName(entry.get("columns"));
        Map<String, Map<?, ?>> all = new LinkedHashMap<>(found);
        described.forEach(all::putIfAbsent);
        List<Map<String, @Nullable Object>> columns = new ArrayList<>();
        all.forEach((key, column) -> {
            Map<?, ?> description = described.getOrDefault(key, Map.of());
            Object type = found.containsKey(key) ? column.get("type") : description.get("data_type");
            Object text = description.get("description");
            Object comment = found.containsKey(key) ? column.get("comment") : null;
            String said = text == null || text.toString().isEmpty()
                    ? (comment == null ? "" : comment.toString())
                    : text.toString();
            Map<String, @Nullable Object> shown = new LinkedHashMap<>();
            shown.put("name", column.get("name"));
            shown.put("type", type);
            shown.put("missing", !found.isEmpty() && !found.containsKey(key));
            shown.put("description", markdown.html(said));
            shown.put("tests", testNames(text(document, "unique_id"), key));
            columns.add(shown);
        });
        return columns;
    }

    private static Map<String, Map<?, ?>> byLowerName(@Nullable Object columns) {
        Map<String, Map<?, ?>> named = new LinkedHashMap<>();
        if (columns instanceof Map<?, ?> map) {
            map.forEach((name, column) -> {
                if (column instanceof Map<?, ?> known) {
                    named.put(name.toString().toLowerCase(Locale.ROOT), known);
                }
            });
        }
        return named;
    }

    /** @param column in lower case; empty for the tests of the whole */
    private List<String> testNames(String id, String column) {
        return tests.getOrDefault(id, List.of()).stream()
                .filter(test ->
                        text(test, "column_name").toLowerCase(Locale.ROOT).equals(column))
                .map(test -> test.get("test_metadata") instanceof Map<?, ?> generic
                        ? String.valueOf(generic.get("name"))
                        : text(test, "name"))
                .toList();
    }

    private static String testedNode(Map<String, @Nullable Object> test) {
        String attached = text(test, "attached_node");
        if (!attached.isEmpty()) {
            return attached;
        }
        Object reads = test.get("depends_on") instanceof Map<?, ?> map ? map.get("nodes") : null;
        return reads instanceof List<?> ids && !ids.isEmpty() ? String.valueOf(ids.get(ids.size() - 1)) : "";
    }

    private static String plural(String type) {
        return switch (type) {
            case "model" -> "Models";
            case "seed" -> "Seeds";
            case "snapshot" -> "Snapshots";
            case "analysis" -> "Analyses";
            default -> type;
        };
    }

    private static String text(Map<String, @Nullable Object> document, String key) {
        Object value = document.get(key);
        return value == null ? "" : value.toString();
    }
}

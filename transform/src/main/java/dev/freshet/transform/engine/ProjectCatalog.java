package dev.freshet.transform.engine;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.LiveRendering;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code docs generate}: asks every database what it holds of the project, and writes catalog.json version 1. Used once. */
public final class ProjectCatalog {

    private static final String SCHEMA = "https://schemas.getdbt.com/dbt/catalog/v1.json";
    private static final Map<String, @Nullable Object> NO_STATISTICS = Map.of(
            "has_stats",
            Map.of(
                    "id",
                    "has_stats",
                    "label",
                    "Has Stats?",
                    "value",
                    false,
                    "include",
                    false,
                    "description",
                    "Indicates whether there are statistics for this table"));

    /**
     * What was found.
     *
     * @param nodes entries of catalog.json by unique id
     * @param sources likewise
     * @param errors of databases that could not be asked
     */
    public record Catalog(
            Map<String, Map<String, @Nullable Object>> nodes,
            Map<String, Map<String, @Nullable Object>> sources,
            List<String> errors) {}

    private record Place(Connection output, String database) {}

    private record Relation(Place place, String schema, String name) {

        static Relation of(Place place, @Nullable Object schema, @Nullable Object name) {
            return new Relation(place, lower(schema), lower(name));
        }

        private static String lower(@Nullable Object name) {
            return String.valueOf(name).toLowerCase(Locale.ROOT);
        }
    }

    private final ParsedProject project;
    private final NodeExecution execution;
    private final Clock clock;
    private final Map<Relation, List<String>> wanted = new LinkedHashMap<>();
    private final Map<Place, TreeSet<String>> schemas = new LinkedHashMap<>();

    public ProjectCatalog(ParsedProject project, Clock clock) {
        this.project = project;
        this.execution = project.execution();
        this.clock = clock;
    }

    /** With nothing in it, no database asked. */
    public Catalog writeEmpty() {
        return written(new Catalog(Map.of(), Map.of(), List.of()));
    }

    /** @param selected by unique id */
    public Catalog write(Predicate<String> selected) {
        for (Node node : project.nodes()) {
            if (node.relation().isPresent() && selected.test(node.uniqueId())) {
                want(node.uniqueId(), project.output(node), "alias");
            }
        }
        for (String source : project.manifest().section("sources").keySet()) {
            Connection output = project.connections().get(execution.outputOfSource(source));
            if (selected.test(source)) {
                want(source, output == null ? project.target() : output, "identifier");
            }
        }
        Map<String, Map<String, @Nullable Object>> found = new TreeMap<>();
        List<String> errors = new ArrayList<>();
        try (Databases live = Databases.live()) {
            schemas.forEach((place, names) -> {
                try {
                    read(place, execution.catalog(place.output(), place.database(), names, live), found);
                } catch (FreshetException e) {
                    errors.add("output '" + place.output().name() + "': " + e.getMessage());
                } finally {
                    live.rollback();
                }
            });
        }
        Map<String, Map<String, @Nullable Object>> nodes = new TreeMap<>(found);
        nodes.keySet().removeIf(id -> id.startsWith("source."));
        found.keySet().removeAll(nodes.keySet());
        return written(new Catalog(nodes, found, errors));
    }

    private void want(String id, Connection output, String nameKey) {
        Map<String, @Nullable Object> document = project.manifest().node(id).orElseThrow();
        Object database = document.get("database");
        Place place = new Place(output, database == null ? "" : database.toString());
        wanted.computeIfAbsent(
                        Relation.of(place, document.get("schema"), document.get(nameKey)), key -> new ArrayList<>())
                .add(id);
        schemas.computeIfAbsent(place, key -> new TreeSet<>()).add(String.valueOf(document.get("schema")));
    }

    private void read(Place place, LiveRendering.Result rows, Map<String, Map<String, @Nullable Object>> found) {
        Map<String, Integer> at = new LinkedHashMap<>();
        rows.columns().forEach(name -> at.put(name.toLowerCase(Locale.ROOT), at.size()));
        for (List<@Nullable Object> row : rows.rows()) {
            Relation relation = Relation.of(place, row.get(at.get("table_schema")), row.get(at.get("table_name")));
            for (String id : wanted.getOrDefault(relation, List.of())) {
                Map<String, @Nullable Object> entry = found.computeIfAbsent(
                        id,
                        key -> entry(
                                id, key(at, row, "table_", "type", "schema", "name", "database", "comment", "owner")));
                Map<String, @Nullable Object> column = key(at, row, "column_", "type", "index", "name", "comment");
                if (entry.get("columns") instanceof Map<?, ?> columns && column.get("name") != null) {
                    @SuppressWarnings("unchecked")
                    Map<String, Object> growing = (Map<String, Object>) columns;
                    growing.put(String.valueOf(column.get("name")), column);
                }
            }
        }
    }

    private static Map<String, @Nullable Object> entry(String id, Map<String, @Nullable Object> metadata) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("metadata", metadata);
        entry.put("columns", new LinkedHashMap<String, Object>());
        entry.put("stats", NO_STATISTICS);
        entry.put("unique_id", id);
        return entry;
    }

    private static Map<String, @Nullable Object> key(
            Map<String, Integer> at, List<@Nullable Object> row, String prefix, String... names) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (String name : names) {
            Integer index = at.get(prefix + name);
            values.put(name, index == null ? null : row.get(index));
        }
        return values;
    }

    private Catalog written(Catalog catalog) {
        new Artifact(project, SCHEMA, clock.instant())
                .with("nodes", catalog.nodes())
                .with("sources", catalog.sources())
                .with("errors", catalog.errors().isEmpty() ? null : catalog.errors())
                .with("_compile_results", null)
                .write("catalog.json");
        return catalog;
    }
}

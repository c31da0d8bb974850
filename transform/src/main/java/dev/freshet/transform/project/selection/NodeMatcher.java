package dev.freshet.transform.project.selection;

import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds the nodes that a term names, without its graph operators. Immutable. */
public final class NodeMatcher {

    private record Node(List<String> fqn, List<String> tags, String file) {}

    private final Map<String, Node> models;
    private final Set<String> sources;

    private NodeMatcher(Map<String, Node> models, Set<String> sources) {
        this.models = models;
        this.sources = sources;
    }

    /** Gathers the nodes; used once. */
    public static final class Builder {
        private final Map<String, Node> models = new LinkedHashMap<>();
        private final Set<String> sources = new TreeSet<>();

        /** @param uniqueId {@code source.project.source_name.table_name} */
        public void source(String uniqueId) {
            sources.add(uniqueId);
        }

        public void model(String uniqueId, List<String> fqn, List<String> tags, String file) {
            models.put(uniqueId, new Node(List.copyOf(fqn), List.copyOf(tags), file));
        }

        public NodeMatcher build() {
            return new NodeMatcher(models, sources);
        }
    }

    /** The unique ids of the matching nodes. */
    public Set<String> matches(Criterion criterion) {
        Set<String> found = new TreeSet<>();
        if (criterion.method().equals("source")) {
            sources.stream().filter(id -> isSource(id, criterion.value())).forEach(found::add);
            return found;
        }
        models.forEach((id, node) -> {
            if (isModel(node, criterion)) {
                found.add(id);
            }
        });
        return found;
    }

    private static boolean isModel(Node node, Criterion criterion) {
        String value = criterion.value();
        return switch (criterion.method()) {
            case "tag" -> node.tags().stream().anyMatch(tag -> Glob.matches(value, tag));
            case "path" -> isPath(value.replace('\\', '/'), node.file());
            case "file" -> {
                String name = node.file().substring(node.file().lastIndexOf('/') + 1);
                yield Glob.matches(value, name) || Glob.matches(value + ".sql", name);
            }
            default ->
                isName(value, node.fqn())
                        || isName(value, node.fqn().subList(1, node.fqn().size()));
        };
    }

    /** The file or a directory above it; a star stays within one directory. */
    private static boolean isPath(String written, String file) {
        String path = written.startsWith("./") ? written.substring(2) : written;
        PathMatcher matcher = Glob.path(path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        for (Path place = Path.of(file); place != null; place = place.getParent()) {
            if (matcher.matches(place)) {
                return true;
            }
        }
        return false;
    }

    /** The last part of the path alone, or its parts from the left; a shorter selector takes everything below. */
    private static boolean isName(String value, List<String> fqn) {
        if (fqn.isEmpty()) {
            return false;
        }
        if (fqn.get(fqn.size() - 1).equals(value)) {
            return true;
        }
        List<String> parts = split(value);
        List<String> flat = new ArrayList<>();
        fqn.forEach(part -> flat.addAll(split(part)));
        if (parts.size() > flat.size()) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            if (Glob.isPattern(parts.get(i))) {
                // As in dbt, from the first wildcard on the rest is matched as one text, in which a star crosses the
                // dots.
                return Glob.matches(rest(parts, i), rest(flat, i));
            }
            if (!parts.get(i).equals(flat.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** {@code name}, {@code name.table} or {@code project.name.table}. */
    private static boolean isSource(String id, String value) {
        List<String> node = split(id).subList(1, split(id).size());
        List<String> parts = split(value);
        return switch (parts.size()) {
            case 1 -> Glob.matches(parts.get(0), node.get(1));
            case 2 -> Glob.matches(parts.get(0), node.get(1)) && Glob.matches(parts.get(1), node.get(2));
            case 3 ->
                Glob.matches(parts.get(0), node.get(0))
                        && Glob.matches(parts.get(1), node.get(1))
                        && Glob.matches(parts.get(2), node.get(2));
            default -> false;
        };
    }

    private static String rest(List<String> parts, int from) {
        return String.join(".", parts.subList(from, parts.size()));
    }

    private static List<String> split(String dotted) {
        return Arrays.asList(dotted.split("\\.", -1));
    }
}

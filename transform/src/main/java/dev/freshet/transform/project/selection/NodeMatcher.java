package dev.freshet.transform.project.selection;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.NearestName;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the nodes that a term names, without its graph operators. Immutable. */
public final class NodeMatcher {

    private static final Set<String> TEST_TYPES = Set.of("data", "generic", "singular", "schema", "unit");
    private static final Set<String> VERSIONS = Set.of("latest", "prerelease", "old", "none");
    private static final Set<String> RESOURCE_TYPES = Set.of(
            "model",
            "seed",
            "snapshot",
            "test",
            "analysis",
            "source",
            "exposure",
            "unit_test",
            "metric",
            "semantic_model",
            "saved_query",
            "function");
    private static final Set<String> NOT_BY_NAME = Set.of("source", "exposure");

    private final String project;
    private final Map<String, NodeFacts> nodes = new LinkedHashMap<>();
    private final Optional<StateComparison> state;

    /**
     * @param project what {@code package:this} means
     * @param documents the manifest's documents by unique id
     * @param state what {@code state:} and {@code result:} compare with
     */
    public NodeMatcher(
            String project, Map<String, Map<String, @Nullable Object>> documents, Optional<StateComparison> state) {
        this.project = project;
        documents.forEach((id, document) -> nodes.put(id, new NodeFacts(id, document)));
        this.state = state;
    }

    /** The unique ids of the matching nodes. */
    public Set<String> matches(Criterion criterion) {
        check(criterion);
        Set<String> found = new TreeSet<>();
        nodes.forEach((id, node) -> {
            if (isMatch(node, criterion)) {
                found.add(id);
            }
        });
        return found;
    }

    /** Whether a node is a test, which is selected with the nodes that it reads. */
    public boolean isTest(String id) {
        NodeFacts node = nodes.get(id);
        return node != null && node.isTest();
    }

    /** The nearest value that would match something, for a term that matches nothing. */
    public String hint(Criterion criterion) {
        Set<String> known = new TreeSet<>();
        for (NodeFacts node : nodes.values()) {
            switch (criterion.method()) {
                case "fqn" -> {
                    if (!NOT_BY_NAME.contains(node.type()) && !node.isTest()) {
                        known.add(node.text("name"));
                    }
                }
                case "tag" -> known.addAll(node.tags());
                case "package" -> known.add(node.text("package_name"));
                case "group" -> known.add(node.text("group"));
                case "source" -> known.add(node.text("source_name"));
                case "exposure", "unit_test" -> {
                    if (node.type().equals(criterion.method())) {
                        known.add(node.text("name"));
                    }
                }
                case "test_name" ->
                    known.add(
                            String.valueOf(node.within("test_metadata", "name")).replace("null", ""));
                default -> {}
            }
        }
        known.remove("");
        return NearestName.hint(criterion.value(), known);
    }

    private void check(Criterion criterion) {
        switch (criterion.method()) {
            case "test_type" -> requireOneOf(criterion, TEST_TYPES);
            case "version" -> requireOneOf(criterion, VERSIONS);
            case "resource_type" -> requireOneOf(criterion, RESOURCE_TYPES);
            case "state" -> requireOneOf(criterion, StateComparison.VALUES);
            default -> {}
        }
        boolean needsState =
                criterion.method().equals("state") || criterion.method().equals("result");
        if (needsState && state.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + criterion
                            + "' compares with an earlier run: name the directory of its artifacts with --state");
        }
    }

    private static void requireOneOf(Criterion criterion, Set<String> values) {
        if (!values.contains(criterion.value())) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + criterion + "' is not a selector"
                            + NearestName.choices(criterion.value(), "the values are", values));
        }
    }

    private boolean isMatch(NodeFacts node, Criterion criterion) {
        String value = criterion.value();
        return switch (criterion.method()) {
            case "tag" -> node.tags().stream().anyMatch(tag -> Glob.matches(value, tag));
            case "path" -> isPath(value.replace('\\', '/'), node);
            case "file" -> isFile(value, node.text("original_file_path"));
            case "package" -> Glob.matches(value.equals("this") ? project : value, node.text("package_name"));
            case "source" -> node.type().equals("source") && isSource(node, value);
            case "exposure", "unit_test" -> node.type().equals(criterion.method()) && isNamed(node, value);
            case "config" -> !node.type().equals("exposure") && isSet(node.within(configPath(criterion)), value);
            case "resource_type" -> node.type().equals(value);
            case "test_name" -> {
                Object name = node.within("test_metadata", "name");
                yield name != null && Glob.matches(value, name.toString());
            }
            case "test_type" -> isTestType(node, value);
            case "group" -> node.document().get("group") != null && Glob.matches(value, node.text("group"));
            case "access" -> node.type().equals("model") && node.text("access").equals(value);
            case "version" -> node.type().equals("model") && isVersion(node, value);
            case "state" -> state.orElseThrow().matches(node.id(), value);
            case "result" -> state.orElseThrow().hasResult(node.id(), value);
            default -> !NOT_BY_NAME.contains(node.type()) && isName(value, node);
        };
    }

    private static List<String> configPath(Criterion criterion) {
        List<String> path = new ArrayList<>(List.of("config"));
        path.addAll(criterion.arguments());
        return path;
    }

    private static boolean isSet(@Nullable Object found, String value) {
        Collection<?> items = found instanceof Map<?, ?> map
                ? map.keySet()
                : found instanceof Collection<?> list ? list : Arrays.asList(found);
        return items.stream().anyMatch(item -> item != null && item.toString().equalsIgnoreCase(value));
    }

    private static boolean isTestType(NodeFacts node, String value) {
        boolean isData = node.type().equals("test");
        boolean isGeneric = isData && node.document().containsKey("test_metadata");
        return switch (value) {
            case "data" -> isData;
            case "unit" -> node.type().equals("unit_test");
            case "singular" -> isData && !isGeneric;
            default -> isGeneric;
        };
    }

    private static boolean isVersion(NodeFacts node, String value) {
        Object version = node.document().get("version");
        Object latest = node.document().get("latest_version");
        if (version == null || latest == null) {
            return value.equals("none") && version == null;
        }
        int order = version instanceof Number a && latest instanceof Number b
                ? Double.compare(a.doubleValue(), b.doubleValue())
                : version.toString().compareTo(latest.toString());
        return switch (value) {
            case "latest" -> order == 0;
            case "prerelease" -> order > 0;
            case "old" -> order < 0;
            default -> false;
        };
    }

    private static boolean isFile(String value, String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        String stem = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
        return Glob.matches(value, name) || Glob.matches(value, stem);
    }

    /** The file, a directory above it, or the properties file that describes it; a star stays within one directory. */
    private static boolean isPath(String written, NodeFacts node) {
        String path = written.startsWith("./") ? written.substring(2) : written;
        PathMatcher matcher = Glob.path(path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        for (Path place = Path.of(node.text("original_file_path")); place != null; place = place.getParent()) {
            if (matcher.matches(place)) {
                return true;
            }
        }
        String patch = node.text("patch_path");
        int scheme = patch.indexOf("://");
        return scheme > 0 && matcher.matches(Path.of(patch.substring(scheme + 3)));
    }

    private static boolean isName(String value, NodeFacts node) {
        List<String> fqn = node.texts("fqn");
        return !fqn.isEmpty()
                && (isName(value, fqn, node.isVersioned())
                        || isName(value, fqn.subList(1, fqn.size()), node.isVersioned()));
    }

    /** The last part of the path alone, or its parts from the left; a shorter selector takes everything below. */
    private static boolean isName(String value, List<String> fqn, boolean isVersioned) {
        if (fqn.isEmpty()) {
            return false;
        }
        List<String> parts = split(value);
        int size = fqn.size();
        if (isVersioned && size > 1) {
            String versioned = fqn.get(size - 2) + "_" + fqn.get(size - 1);
            List<String> last = parts.subList(Math.max(0, parts.size() - 2), parts.size());
            if (fqn.get(size - 2).equals(value) || versioned.equals(String.join("_", last))) {
                return true;
            }
        } else if (fqn.get(size - 1).equals(value)) {
            return true;
        }
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
    private static boolean isSource(NodeFacts node, String value) {
        List<String> parts = split(value);
        String source = node.text("source_name");
        String table = node.text("name");
        return switch (parts.size()) {
            case 1 -> Glob.matches(parts.get(0), source);
            case 2 -> Glob.matches(parts.get(0), source) && Glob.matches(parts.get(1), table);
            case 3 ->
                Glob.matches(parts.get(0), node.text("package_name"))
                        && Glob.matches(parts.get(1), source)
                        && Glob.matches(parts.get(2), table);
            default -> false;
        };
    }

    /** {@code name} or {@code package.name}. */
    private static boolean isNamed(NodeFacts node, String value) {
        List<String> parts = split(value);
        return switch (parts.size()) {
            case 1 -> Glob.matches(parts.get(0), node.text("name"));
            case 2 ->
                Glob.matches(parts.get(0), node.text("package_name")) && Glob.matches(parts.get(1), node.text("name"));
            default -> false;
        };
    }

    private static String rest(List<String> parts, int from) {
        return String.join(".", parts.subList(from, parts.size()));
    }

    private static List<String> split(String dotted) {
        return Arrays.asList(dotted.split("\\.", -1));
    }

    /** The kinds that {@code resource_type:} knows, as the command line writes them. */
    public static Set<String> resourceTypes() {
        Set<String> types = new TreeSet<>();
        RESOURCE_TYPES.forEach(type -> types.add(type.toLowerCase(Locale.ROOT)));
        return types;
    }
}

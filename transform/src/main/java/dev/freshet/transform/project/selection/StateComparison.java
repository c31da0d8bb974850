package dev.freshet.transform.project.selection;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What changed since another run, as dbt decides it from two manifests. A node is modified when its text, its configuration, its path, its place
 * in the database, its persisted description or its contract differs, or a macro that it calls, however indirectly. Immutable.
 */
public final class StateComparison {

    /** What {@code state:} accepts. */
    static final Set<String> VALUES = Set.of(
            "new",
            "old",
            "unmodified",
            "modified",
            "modified.body",
            "modified.configs",
            "modified.persisted_descriptions",
            "modified.relation",
            "modified.macros",
            "modified.contract");

    /** Settings by which nodes are found, not built. */
    private static final Set<String> NOT_COMPARED = Set.of("alias", "schema", "database", "tags", "group");

    private static final List<String> PLACE = List.of("database", "schema", "alias");
    private static final List<String> SOURCE_PARTS = List.of("fqn", "identifier", "quoting", "freshness", "loader");
    private static final List<String> EXPOSURE_PARTS =
            List.of("fqn", "type", "owner", "maturity", "url", "description", "label", "depends_on");

    /**
     * One side.
     *
     * @param nodes all documents but macros, by unique id
     * @param macros by unique id
     */
    public record Side(
            Map<String, Map<String, @Nullable Object>> nodes, Map<String, Map<String, @Nullable Object>> macros) {}

    private final Side now;
    private final Side before;
    private final Map<String, String> results;
    private final Set<String> changedMacros = new HashSet<>();

    /** @param results the status of each node in the earlier run's run_results.json */
    public StateComparison(Side now, Side before, Map<String, String> results) {
        this.now = now;
        this.before = before;
        this.results = new HashMap<>(results);
        now.macros().forEach((id, macro) -> {
            Map<String, @Nullable Object> old = before.macros().get(id);
            if (old == null || !Objects.equals(old.get("macro_sql"), macro.get("macro_sql"))) {
                changedMacros.add(id);
            }
        });
        before.macros().keySet().stream()
                .filter(id -> !now.macros().containsKey(id))
                .forEach(changedMacros::add);
    }

    boolean hasResult(String id, String status) {
        return status.equalsIgnoreCase(results.getOrDefault(id, ""));
    }

    boolean matches(String id, String value) {
        NodeFacts node = new NodeFacts(id, now.nodes().getOrDefault(id, Map.of()));
        Map<String, @Nullable Object> found = before.nodes().get(id);
        if (found == null) {
            return value.equals("new") || value.startsWith("modified") && !value.equals("modified.macros");
        }
        NodeFacts old = new NodeFacts(id, found);
        return switch (value) {
            case "new" -> false;
            case "old" -> true;
            case "unmodified" -> !isModified(node, old);
            case "modified.body" -> !hasSameBody(node, old);
            case "modified.configs" -> !hasSameConfig(node, old);
            case "modified.persisted_descriptions" -> !hasSameDescription(node, old);
            case "modified.relation" -> !isInSamePlace(node, old);
            case "modified.macros" -> callsChangedMacro(node);
            case "modified.contract" -> !hasSameContract(node, old);
            default -> isModified(node, old);
        };
    }

    private boolean isModified(NodeFacts node, NodeFacts old) {
        return !hasSameContents(node, old) || callsChangedMacro(node);
    }

    private static boolean hasSameContents(NodeFacts node, NodeFacts old) {
        return switch (node.type()) {
            case "source" -> isSame(node, old, SOURCE_PARTS) && hasSameConfig(node, old) && isInSamePlace(node, old);
            case "exposure" -> isSame(node, old, EXPOSURE_PARTS) && hasSameConfig(node, old);
            case "unit_test" -> isSame(node, old, List.of("fqn", "checksum"));
            case "test" ->
                isSame(node, old, List.of("fqn"))
                        && hasSameConfig(node, old)
                        && (node.document().containsKey("test_metadata") || hasSameBody(node, old));
            default ->
                hasSameBody(node, old)
                        && hasSameConfig(node, old)
                        && hasSameDescription(node, old)
                        && isSame(node, old, List.of("fqn"))
                        && isInSamePlace(node, old)
                        && hasSameContract(node, old);
        };
    }

    private static boolean isSame(NodeFacts node, NodeFacts old, List<String> keys) {
        return keys.stream()
                .allMatch(key -> isSame(node.document().get(key), old.document().get(key)));
    }

    private static boolean hasSameBody(NodeFacts node, NodeFacts old) {
        return node.type().equals("seed")
                ? isSame(node, old, List.of("checksum"))
                : node.text("raw_code").equals(old.text("raw_code"));
    }

    private static boolean hasSameConfig(NodeFacts node, NodeFacts old) {
        return isSame(compared(node), compared(old));
    }

    private static Map<String, @Nullable Object> compared(NodeFacts node) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        if (node.document().get("unrendered_config") instanceof Map<?, ?> written) {
            written.forEach((key, value) -> {
                String name =
                        String.valueOf(key).replace("pre_hook", "pre-hook").replace("post_hook", "post-hook");
                if (!NOT_COMPARED.contains(name)) {
                    settings.put(name, value);
                }
            });
        }
        return settings;
    }

    private static boolean hasSameDescription(NodeFacts node, NodeFacts old) {
        boolean ofRelation = Boolean.TRUE.equals(node.within("config", "persist_docs", "relation"));
        boolean ofColumns = Boolean.TRUE.equals(node.within("config", "persist_docs", "columns"));
        return (!ofRelation || node.text("description").equals(old.text("description")))
                && (!ofColumns || columns(node).equals(columns(old)));
    }

    private static Map<String, String> columns(NodeFacts node) {
        Map<String, String> descriptions = new HashMap<>();
        if (node.document().get("columns") instanceof Map<?, ?> columns) {
            columns.forEach((name, column) -> descriptions.put(
                    String.valueOf(name),
                    column instanceof Map<?, ?> map ? String.valueOf(map.get("description")) : ""));
        }
        return descriptions;
    }

    /** Where the configuration puts it: another target alone is no change. */
    private static boolean isInSamePlace(NodeFacts node, NodeFacts old) {
        if (node.type().equals("source")) {
            return isSame(node, old, List.of("unrendered_database", "unrendered_schema", "identifier"));
        }
        return PLACE.stream()
                .allMatch(key -> isSame(node.within("unrendered_config", key), old.within("unrendered_config", key)));
    }

    private static boolean hasSameContract(NodeFacts node, NodeFacts old) {
        boolean isEnforced = Boolean.TRUE.equals(node.within("contract", "enforced"));
        boolean wasEnforced = Boolean.TRUE.equals(old.within("contract", "enforced"));
        return isEnforced == wasEnforced && (!isEnforced || types(node).equals(types(old)));
    }

    private static Map<String, String> types(NodeFacts node) {
        Map<String, String> types = new LinkedHashMap<>();
        if (node.document().get("columns") instanceof Map<?, ?> columns) {
            columns.forEach((name, column) -> types.put(
                    String.valueOf(name),
                    column instanceof Map<?, ?> map ? map.get("data_type") + " " + map.get("constraints") : ""));
        }
        return types;
    }

    private boolean callsChangedMacro(NodeFacts node) {
        Deque<String> pending = new ArrayDeque<>(NodeFacts.listed(node.within("depends_on", "macros")));
        Set<String> seen = new HashSet<>();
        while (!pending.isEmpty()) {
            String id = pending.poll();
            if (!seen.add(id)) {
                continue;
            }
            if (changedMacros.contains(id)) {
                return true;
            }
            NodeFacts macro = new NodeFacts(id, now.macros().getOrDefault(id, Map.of()));
            pending.addAll(NodeFacts.listed(macro.within("depends_on", "macros")));
        }
        return false;
    }

    /** Numbers by value: JSON does not keep whether one was written as an Integer or a Long. */
    private static boolean isSame(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Number first && b instanceof Number second) {
            return first.doubleValue() == second.doubleValue();
        }
        if (a instanceof Map<?, ?> first && b instanceof Map<?, ?> second) {
            return first.keySet().equals(second.keySet())
                    && first.keySet().stream().allMatch(key -> isSame(first.get(key), second.get(key)));
        }
        if (a instanceof List<?> first && b instanceof List<?> second) {
            return first.size() == second.size()
                    && Arrays.equals(first.toArray(), second.toArray(), (x, y) -> isSame(x, y) ? 0 : 1);
        }
        return Objects.equals(a, b);
    }
}

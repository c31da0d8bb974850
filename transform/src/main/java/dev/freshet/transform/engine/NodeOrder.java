package dev.freshet.transform.engine;

import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of the selected nodes wait for which: through nodes that are not selected too, and for tests where a failing one must stop what follows. */
final class NodeOrder {

    private NodeOrder() {}

    /**
     * By node, those it waits for.
     *
     * @param all nodes of the project, parents before children, and unit tests
     * @param selected unique ids
     * @param edges whether nodes wait for the tests of what they read
     */
    static Map<String, Set<String>> of(List<Node> all, Set<String> selected, Edges edges) {
        Map<String, Set<String>> ancestors = new HashMap<>();
        Map<String, Set<String>> waits = new LinkedHashMap<>();
        for (Node node : all) {
            Set<String> above = new LinkedHashSet<>();
            Set<String> direct = new LinkedHashSet<>();
            for (String parent : node.dependsOn()) {
                above.add(parent);
                above.addAll(ancestors.getOrDefault(parent, Set.of()));
                if (selected.contains(parent)) {
                    direct.add(parent);
                } else {
                    direct.addAll(waits.getOrDefault(parent, Set.of()));
                }
            }
            ancestors.put(node.uniqueId(), above);
            waits.put(node.uniqueId(), direct);
        }
        if (edges == Edges.WITH_TESTS) {
            addTests(all, selected, ancestors, waits);
            addUnitTests(all, selected, waits);
        }
        waits.keySet().retainAll(selected);
        return waits;
    }

    /** A node waits for a test when it comes after everything that the test reads. */
    private static void addTests(
            List<Node> all, Set<String> selected, Map<String, Set<String>> ancestors, Map<String, Set<String>> waits) {
        for (Node test : all) {
            if (test.type() != ResourceType.TEST
                    || !selected.contains(test.uniqueId())
                    || test.dependsOn().isEmpty()) {
                continue;
            }
            for (Node node : all) {
                if (!isTest(node)
                        && selected.contains(node.uniqueId())
                        && ancestors.getOrDefault(node.uniqueId(), Set.of()).containsAll(test.dependsOn())) {
                    waits.get(node.uniqueId()).add(test.uniqueId());
                }
            }
        }
    }

    /** A model waits for its unit tests, and they for what it waits for. */
    private static void addUnitTests(List<Node> all, Set<String> selected, Map<String, Set<String>> waits) {
        for (Node test : all) {
            if (test.type() == ResourceType.UNIT_TEST && selected.contains(test.uniqueId())) {
                Set<String> before = new LinkedHashSet<>();
                for (String model : test.dependsOn()) {
                    before.addAll(waits.getOrDefault(model, Set.of()));
                }
                waits.put(test.uniqueId(), before);
            }
        }
        for (Node test : all) {
            if (test.type() == ResourceType.UNIT_TEST && selected.contains(test.uniqueId())) {
                for (String model : test.dependsOn()) {
                    waits.computeIfAbsent(model, id -> new LinkedHashSet<>()).add(test.uniqueId());
                }
            }
        }
    }

    private static boolean isTest(Node node) {
        return node.type() == ResourceType.TEST || node.type() == ResourceType.UNIT_TEST;
    }

    /** Which edges there are besides references. */
    enum Edges {
        REFERENCES,
        WITH_TESTS
    }
}

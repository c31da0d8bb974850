package dev.freshet.transform.project.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which node reads which. Immutable; nodes are unique ids. */
public final class DependencyGraph {

    /** A distance that no graph reaches. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private final Map<String, Set<String>> parents = new TreeMap<>();
    private final Map<String, Set<String>> children = new TreeMap<>();

    /** @param parentsByNode the nodes that each node reads; a parent that is no key has no parents itself */
    public DependencyGraph(Map<String, ? extends Collection<String>> parentsByNode) {
        parentsByNode.forEach((node, reads) -> {
            add(node);
            for (String parent : reads) {
                add(parent);
                parents.get(node).add(parent);
                children.get(parent).add(node);
            }
        });
    }

    private void add(String node) {
        parents.computeIfAbsent(node, key -> new TreeSet<>());
        children.computeIfAbsent(node, key -> new TreeSet<>());
    }

    public Set<String> nodes() {
        return Collections.unmodifiableSet(parents.keySet());
    }

    /**
     * All nodes, parents before children, otherwise by id, so that the order is the same on every machine.
     *
     * @throws IllegalStateException when there is a {@link #cycle}
     */
    public List<String> order() {
        Map<String, Integer> waiting = new HashMap<>();
        PriorityQueue<String> ready = new PriorityQueue<>();
        parents.forEach((node, reads) -> {
            waiting.put(node, reads.size());
            if (reads.isEmpty()) {
                ready.add(node);
            }
        });
        List<String> order = new ArrayList<>();
        while (!ready.isEmpty()) {
            String node = ready.remove();
            order.add(node);
            for (String child : children.getOrDefault(node, Set.of())) {
                if (waiting.merge(child, -1, Integer::sum) == 0) {
                    ready.add(child);
                }
            }
        }
        if (order.size() < parents.size()) {
            throw new IllegalStateException("cycle " + cycle());
        }
        return order;
    }

    /** The nodes of a cycle, each read by the next, the first one repeated at the end; empty when there is none. */
    public List<String> cycle() {
        Set<String> finished = new LinkedHashSet<>();
        for (String start : parents.keySet()) {
            List<String> found = cycleFrom(start, finished);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** Depth first without recursion: a chain of ten thousand models must not overflow the stack. */
    private List<String> cycleFrom(String start, Set<String> finished) {
        List<String> path = new ArrayList<>();
        Set<String> onPath = new LinkedHashSet<>();
        Deque<Deque<String>> pending = new ArrayDeque<>();
        pending.push(new ArrayDeque<>(List.of(start)));
        while (!pending.isEmpty()) {
            String node = pending.peek().poll();
            if (node == null) {
                pending.pop();
                if (!path.isEmpty()) {
                    String left = path.remove(path.size() - 1);
                    onPath.remove(left);
                    finished.add(left);
                }
            } else if (onPath.contains(node)) {
                List<String> cycle = new ArrayList<>(path.subList(path.indexOf(node), path.size()));
                cycle.add(node);
                return cycle;
            } else if (!finished.contains(node)) {
                path.add(node);
                onPath.add(node);
                pending.push(new ArrayDeque<>(children.getOrDefault(node, Set.of())));
            }
        }
        return List.of();
    }

    /** The nodes that a node reads, directly or through up to {@code distance} steps, itself left out. */
    public Set<String> ancestors(String node, int distance) {
        return reach(node, distance, parents);
    }

    /** The nodes that read a node, directly or through up to {@code distance} steps, itself left out. */
    public Set<String> descendants(String node, int distance) {
        return reach(node, distance, children);
    }

    private static Set<String> reach(String start, int distance, Map<String, Set<String>> edges) {
        Set<String> reached = new TreeSet<>();
        Set<String> frontier = Set.of(start);
        for (int step = 0; step < distance && !frontier.isEmpty(); step++) {
            Set<String> next = new TreeSet<>();
            for (String node : frontier) {
                for (String neighbour : edges.getOrDefault(node, Set.of())) {
                    if (reached.add(neighbour)) {
                        next.add(neighbour);
                    }
                }
            }
            frontier = next;
        }
        reached.remove(start);
        return reached;
    }
}

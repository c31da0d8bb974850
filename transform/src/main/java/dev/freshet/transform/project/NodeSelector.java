package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.selection.Criterion;
import dev.freshet.transform.project.selection.NodeMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeSet;

/**
 * dbt's {@code --select} and {@code --exclude}: names and dotted paths with wildcards, {@code tag:}, {@code path:}, {@code file:}, {@code source:};
 * {@code +} and {@code @} reach along the graph, a space is a union, a comma an intersection.
 */
public final class NodeSelector {

    private final DependencyGraph graph;
    private final NodeMatcher matcher;

    private NodeSelector(Project project) {
        Map<String, List<String>> parents = new HashMap<>();
        NodeMatcher.Builder nodes = new NodeMatcher.Builder();
        for (SourceTable source : project.sources()) {
            parents.put(source.uniqueId(), List.of());
            nodes.source(source.uniqueId());
        }
        for (Model model : project.models()) {
            parents.put(model.uniqueId(), model.dependsOn());
            nodes.model(model.uniqueId(), model.fqn(), model.tags(), model.file());
        }
        graph = new DependencyGraph(parents);
        matcher = nodes.build();
    }

    /**
     * The selected models, parents before children.
     *
     * @param select empty for all
     * @throws FreshetException USER when a term can't be understood
     */
    public static List<Model> select(Project project, List<String> select, List<String> exclude) {
        NodeSelector selector = new NodeSelector(project);
        Set<String> chosen = select.isEmpty() ? selector.graph.nodes() : selector.union(select);
        Set<String> left = new HashSet<>(chosen);
        left.removeAll(selector.union(exclude));
        return project.models().stream()
                .filter(model -> left.contains(model.uniqueId()))
                .toList();
    }

    /** One warning for each term that matches no node. */
    public static List<String> unmatched(Project project, List<String> select) {
        NodeSelector selector = new NodeSelector(project);
        List<String> names = project.models().stream().map(Model::name).toList();
        List<String> warnings = new ArrayList<>();
        for (String term : tokens(String.join(" ", select).replace(',', ' '), " \t\n")) {
            Criterion criterion = Criterion.parse(term);
            if (selector.matcher.matches(criterion).isEmpty()) {
                String hint = criterion.method().equals("fqn") ? NearestName.hint(criterion.value(), names) : "";
                warnings.add("the selector '" + term + "' matches no enabled node" + hint);
            }
        }
        return warnings;
    }

    private Set<String> union(List<String> arguments) {
        Set<String> chosen = new TreeSet<>();
        for (String argument : arguments) {
            for (String group : tokens(argument, " \t\n")) {
                chosen.addAll(intersection(group));
            }
        }
        return chosen;
    }

    private Set<String> intersection(String group) {
        List<String> terms = tokens(group, ",");
        if (terms.isEmpty()) {
            throw new FreshetException(ErrorKind.USER, "'" + group + "' is not a selector");
        }
        Set<String> common = reach(Criterion.parse(terms.get(0)));
        terms.stream().skip(1).forEach(term -> common.retainAll(reach(Criterion.parse(term))));
        return common;
    }

    private Set<String> reach(Criterion criterion) {
        Set<String> reached = new TreeSet<>();
        for (String node : matcher.matches(criterion)) {
            reached.add(node);
            reached.addAll(graph.ancestors(node, criterion.parents()));
            reached.addAll(graph.descendants(node, criterion.children()));
            if (criterion.childrensParents()) {
                Set<String> descendants = graph.descendants(node, DependencyGraph.UNLIMITED);
                reached.addAll(descendants);
                reached.addAll(graph.ancestors(node, DependencyGraph.UNLIMITED));
                descendants.forEach(child -> reached.addAll(graph.ancestors(child, DependencyGraph.UNLIMITED)));
            }
        }
        return reached;
    }

    private static List<String> tokens(String text, String separators) {
        List<String> tokens = new ArrayList<>();
        StringTokenizer tokenizer = new StringTokenizer(text, separators);
        while (tokenizer.hasMoreTokens()) {
            tokens.add(tokenizer.nextToken());
        }
        return tokens;
    }
}

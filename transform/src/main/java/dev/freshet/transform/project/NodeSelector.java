package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.selection.Criterion;
import dev.freshet.transform.project.selection.IndirectSelection;
import dev.freshet.transform.project.selection.NodeMatcher;
import dev.freshet.transform.project.selection.Selection;
import dev.freshet.transform.project.selection.SelectorsFile;
import dev.freshet.transform.project.selection.StateComparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * dbt's node selection: {@code --select}, {@code --exclude}, {@code --selector}; {@code +} and {@code @} reach along the graph, tests come with what
 * they read. Used by one thread.
 */
public final class NodeSelector {

    /**
     * What the command line says.
     *
     * @param select empty for all, or for the default selector
     * @param selector a selection of selectors.yml; it takes the place of the others
     * @param state the directory of another run's artifacts
     */
    public record Request(
            List<String> select,
            List<String> exclude,
            Optional<String> selector,
            Optional<Path> state,
            IndirectSelection indirect) {

        public Request {
            select = List.copyOf(select);
            exclude = List.copyOf(exclude);
        }

        /** Tests come along, nothing is compared. */
        public static Request of(List<String> select, List<String> exclude) {
            return new Request(select, exclude, Optional.empty(), Optional.empty(), IndirectSelection.EAGER);
        }
    }

    /** @param indirect tests that come along only if everything they read is selected in the end */
    private record Chosen(Set<String> nodes, Set<String> indirect) {}

    private final DependencyGraph graph;
    private final NodeMatcher matcher;
    private final Map<String, SelectorsFile.NamedSelection> named;
    private final Request request;
    private final Selection selection;
    private final Set<String> open = new LinkedHashSet<>();

    /**
     * Understands a request.
     *
     * @throws FreshetException USER when a term can't be understood
     */
    public NodeSelector(ParsedProject project, Request request) {
        Manifest manifest = project.manifest();
        this.graph = new DependencyGraph(manifest.parents());
        this.named = project.selectors();
        this.request = request;
        Optional<StateComparison> state = request.state()
                .map(directory -> new StateComparison(
                        side(manifest), side(Manifest.read(directory)), Manifest.results(directory)));
        this.matcher = new NodeMatcher(project.name(), manifest.selectable(), state);
        this.selection = selection(request);
    }

    private static StateComparison.Side side(Manifest manifest) {
        return new StateComparison.Side(manifest.selectable(), manifest.section("macros"));
    }

    private Selection selection(Request request) {
        if (request.selector().isPresent()) {
            return named(request.selector().get()).selection();
        }
        if (request.select().isEmpty() && request.exclude().isEmpty()) {
            Optional<SelectorsFile.NamedSelection> byDefault = named.values().stream()
                    .filter(SelectorsFile.NamedSelection::isDefault)
                    .findFirst();
            if (byDefault.isPresent()) {
                return byDefault.get().selection();
            }
        }
        return Selection.parse(request.select(), request.exclude());
    }

    private SelectorsFile.NamedSelection named(String name) {
        SelectorsFile.NamedSelection found = named.get(name);
        if (found == null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "there is no selector '" + name + "' in " + SelectorsFile.FILE
                            + (named.isEmpty() ? "" : NearestName.choices(name, "the selectors are", named.keySet())));
        }
        return found;
    }

    /**
     * The unique ids of the selected nodes, of all kinds, parents before children.
     *
     * @throws FreshetException USER when a term can't be matched with anything, such as state without --state
     */
    public List<String> selected() {
        Chosen chosen = evaluate(selection);
        Set<String> nodes = new LinkedHashSet<>(chosen.nodes());
        IndirectSelection mode = request.indirect();
        boolean canGrow = mode == IndirectSelection.CAUTIOUS || mode == IndirectSelection.BUILDABLE;
        for (String test : chosen.indirect()) {
            if (canGrow && isComplete(test, chosen.nodes(), mode)) {
                nodes.add(test);
            }
        }
        return graph.order().stream().filter(nodes::contains).toList();
    }

    /** The selected models of a compiled project, parents before children. */
    public List<Model> selected(Project compiled) {
        Set<String> ids = new LinkedHashSet<>(selected());
        return compiled.models().stream()
                .filter(model -> ids.contains(model.uniqueId()))
                .toList();
    }

    /** One warning for each term that matches no node. */
    public List<String> unmatched() {
        List<String> warnings = new ArrayList<>();
        for (Criterion criterion : selection.terms()) {
            if (!criterion.method().equals("selector")
                    && !criterion.method().equals("state")
                    && matcher.matches(criterion).isEmpty()) {
                String shown = criterion.method().equals("fqn") ? criterion.value() : criterion.toString();
                warnings.add("the selector '" + shown + "' matches no enabled node" + matcher.hint(criterion));
            }
        }
        return warnings;
    }

    private Chosen evaluate(Selection part) {
        if (part instanceof Selection.Term term) {
            return reach(term.criterion());
        }
        if (part instanceof Selection.Union union) {
            return combined(union.parts(), (chosen, other) -> chosen.addAll(other));
        }
        if (part instanceof Selection.Intersection intersection) {
            return combined(intersection.parts(), (chosen, other) -> chosen.retainAll(other));
        }
        if (part instanceof Selection.Difference difference) {
            return combined(
                    List.of(difference.from(), difference.without()), (chosen, other) -> chosen.removeAll(other));
        }
        return new Chosen(graph.nodes(), Set.of());
    }

    private interface Operation {
        boolean apply(Set<String> chosen, Set<String> other);
    }

    private Chosen combined(List<Selection> parts, Operation operation) {
        Set<String> nodes = new TreeSet<>();
        Set<String> indirect = new TreeSet<>();
        boolean isFirst = true;
        for (Selection part : parts) {
            Chosen chosen = evaluate(part);
            if (isFirst) {
                nodes.addAll(chosen.nodes());
                indirect.addAll(chosen.indirect());
            } else {
                operation.apply(nodes, chosen.nodes());
                operation.apply(indirect, chosen.indirect());
            }
            isFirst = false;
        }
        return new Chosen(nodes, indirect);
    }

    private Chosen reach(Criterion criterion) {
        Set<String> reached = new TreeSet<>();
        for (String node : matches(criterion)) {
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
        return withTests(reached, criterion.indirect().orElse(request.indirect()));
    }

    private Set<String> matches(Criterion criterion) {
        if (!criterion.method().equals("selector")) {
            return matcher.matches(criterion);
        }
        if (!open.add(criterion.value())) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the selectors " + String.join(" -> ", open) + " -> " + criterion.value()
                            + " contain each other; take one of them out");
        }
        Set<String> nodes = evaluate(named(criterion.value()).selection()).nodes();
        open.remove(criterion.value());
        return nodes;
    }

    private Chosen withTests(Set<String> reached, IndirectSelection mode) {
        Set<String> nodes = new TreeSet<>(reached);
        Set<String> indirect = new TreeSet<>();
        if (mode == IndirectSelection.EMPTY) {
            return new Chosen(nodes, indirect);
        }
        for (String node : reached) {
            for (String child : graph.descendants(node, 1)) {
                if (!matcher.isTest(child)) {
                    continue;
                }
                if (isComplete(child, reached, mode)) {
                    nodes.add(child);
                } else {
                    indirect.add(child);
                }
            }
        }
        return new Chosen(nodes, indirect);
    }

    private boolean isComplete(String test, Set<String> nodes, IndirectSelection mode) {
        Set<String> parents = graph.ancestors(test, 1);
        return switch (mode) {
            case EAGER -> true;
            case EMPTY -> false;
            case CAUTIOUS -> nodes.containsAll(parents);
            case BUILDABLE ->
                parents.stream()
                        .allMatch(parent -> nodes.contains(parent)
                                || graph.descendants(parent, 1).stream().anyMatch(nodes::contains));
        };
    }

    /** What the manifest says of each selector. */
    static Map<String, @Nullable Object> documents(Map<String, SelectorsFile.NamedSelection> selectors) {
        Map<String, @Nullable Object> documents = new LinkedHashMap<>();
        selectors.forEach((name, selector) -> {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("name", name);
            document.put("definition", selector.written());
            document.put("description", selector.description());
            documents.put(name, document);
        });
        return documents;
    }
}

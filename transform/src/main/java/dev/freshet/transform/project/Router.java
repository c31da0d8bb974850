package dev.freshet.transform.project;

import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.SnapshotConfig;
import dev.freshet.transform.project.node.SourceNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides where each model's SQL runs. A model is federated when something it reads, ephemeral parents looked through, lives on another output
 * than its own: then it is maintained. Otherwise its SQL is pushed down, unless the service may maintain it from tables that are captured anyway.
 */
final class Router {

    private final Map<String, ParsedNode> models;
    private final Map<String, SourceNode> sources;
    private final Map<String, List<String>> parents;
    private final boolean maintainAll;

    /**
     * @param models by unique id
     * @param sources by unique id
     * @param parents unique ids that each model reads
     */
    Router(
            Map<String, ParsedNode> models,
            Map<String, SourceNode> sources,
            Map<String, List<String>> parents,
            boolean maintainAll) {
        this.models = models;
        this.sources = sources;
        this.parents = parents;
        this.maintainAll = maintainAll;
    }

    Map<String, Model.Route> routes() {
        List<String> order = new DependencyGraph(parents)
                .order().stream().filter(models::containsKey).toList();
        Set<String> certain = federated(order);
        if (maintainAll) {
            addWhatTheyRead(order, certain);
        }
        Set<String> captured = captured(certain);
        Map<String, Model.Route> routes = new HashMap<>();
        for (String id : order) {
            boolean maintained = certain.contains(id) || mayMaintain(id) && canMaintain(id, captured, routes);
            routes.put(id, maintained ? Model.Route.MAINTAINED : Model.Route.PUSHDOWN);
        }
        return routes;
    }

    private Set<String> federated(List<String> order) {
        Set<String> federated = new HashSet<>();
        for (String id : order) {
            if (inputs(id).stream().anyMatch(input -> !connection(input).equals(connection(id)))) {
                federated.add(id);
            }
        }
        return federated;
    }

    /** The service feeds maintained models from the state store only: a model that one of them reads is maintained too. */
    private void addWhatTheyRead(List<String> order, Set<String> certain) {
        for (int i = order.size() - 1; i >= 0; i--) {
            if (certain.contains(order.get(i))) {
                inputs(order.get(i)).stream()
                        .filter(models::containsKey)
                        .filter(this::mayMaintain)
                        .forEach(certain::add);
            }
        }
    }

    /** Sources with a named connection, and those that a maintained model reads. */
    private Set<String> captured(Set<String> maintained) {
        Set<String> captured = new HashSet<>();
        sources.forEach((id, source) -> {
            if (source.isExplicit()) {
                captured.add(id);
            }
        });
        maintained.forEach(
                id -> inputs(id).stream().filter(sources::containsKey).forEach(captured::add));
        return captured;
    }

    private boolean mayMaintain(String id) {
        return models.get(id)
                .freshet()
                .setting("maintain")
                .map(Boolean::parseBoolean)
                .orElse(maintainAll);
    }

    private boolean canMaintain(String id, Set<String> captured, Map<String, Model.Route> routes) {
        boolean isAsked =
                models.get(id).freshet().setting("maintain").isPresent() || SnapshotConfig.isCaptured(models.get(id));
        return inputs(id).stream()
                .allMatch(input -> sources.containsKey(input)
                        ? isAsked || captured.contains(input)
                        : routes.get(input) == Model.Route.MAINTAINED);
    }

    private String connection(String id) {
        ParsedNode model = models.get(id);
        return model != null
                ? model.output().name()
                : sources.get(id).table().table().connection();
    }

    private Set<String> inputs(String id) {
        Set<String> inputs = new LinkedHashSet<>();
        for (String parent : parents.getOrDefault(id, List.of())) {
            ParsedNode model = models.get(parent);
            if (model != null && model.isEphemeral()) {
                inputs.addAll(inputs(parent));
            } else {
                inputs.add(parent);
            }
        }
        return inputs;
    }
}

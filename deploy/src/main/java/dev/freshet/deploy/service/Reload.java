package dev.freshet.deploy.service;

import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a newer version of a project changes for the pipeline, by the models' names and in the graph's order.
 *
 * @param changed their text, key or kind is another: they are computed again
 * @param following they read something that is added or changed, and get its difference
 */
public record Reload(List<String> added, List<String> changed, List<String> following, List<String> removed) {

    public Reload {
        added = List.copyOf(added);
        changed = List.copyOf(changed);
        following = List.copyOf(following);
        removed = List.copyOf(removed);
    }

    static Reload between(Project before, Project after) {
        Map<String, Model> known = new HashMap<>();
        kept(before).forEach(model -> known.put(model.relation().toString(), model));
        List<String> added = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        List<String> following = new ArrayList<>();
        Set<String> touched = new HashSet<>();
        for (Model model : after.models()) {
            Model old = known.remove(model.relation().toString());
            boolean reads = model.dependsOn().stream().anyMatch(touched::contains);
            if (model.materialization() == Model.Materialization.EPHEMERAL) {
                if (reads) {
                    touched.add(model.uniqueId());
                }
                continue;
            }
            if (model.route() != Model.Route.MAINTAINED) {
                continue;
            }
            if (old == null) {
                added.add(model.name());
            } else if (!sameRows(old, model)) {
                changed.add(model.name());
            } else if (reads) {
                following.add(model.name());
            } else {
                continue;
            }
            touched.add(model.uniqueId());
        }
        List<String> removed = known.values().stream().map(Model::name).sorted().toList();
        return new Reload(added, changed, following, removed);
    }

    private static boolean sameRows(Model before, Model after) {
        return before.sql().equals(after.sql())
                && before.uniqueKey().equals(after.uniqueKey())
                && before.materialization() == after.materialization();
    }

    private static List<Model> kept(Project project) {
        return project.models().stream()
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .filter(model -> model.route() == Model.Route.MAINTAINED)
                .toList();
    }
}

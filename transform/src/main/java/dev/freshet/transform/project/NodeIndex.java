package dev.freshet.transform.project;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Reference;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds what a reference means among the nodes of a project, and says why when there is nothing.
 *
 * @param models enabled models by name
 * @param sources enabled source tables by {@code source.table}
 * @param disabled unique names of disabled models and source tables, and where they are
 * @param unsupported names of nodes of kinds that are not read yet ({@code seed}, {@code snapshot}), and their kind
 */
record NodeIndex(
        String project,
        Map<String, ParsedModel> models,
        Map<String, SourceNode> sources,
        Map<String, String> disabled,
        Map<String, String> unsupported) {

    /**
     * Indexes models by name.
     *
     * @param problems told of two enabled models with one name
     */
    static NodeIndex of(
            String project,
            Collection<ParsedModel> enabled,
            Collection<SourceNode> sources,
            Map<String, String> disabled,
            Map<String, String> unsupported,
            Problems problems) {
        Map<String, ParsedModel> models = new LinkedHashMap<>();
        for (ParsedModel model : enabled) {
            ParsedModel first = models.putIfAbsent(model.source().name(), model);
            if (first != null) {
                problems.add(
                        model.source().start(),
                        "two models are named '" + model.source().name() + "': "
                                + first.source().file() + " and "
                                + model.source().file()
                                + "; rename one of them (config(alias=...) may keep the table's name)");
            }
        }
        Map<String, SourceNode> tables = new HashMap<>();
        sources.forEach(source -> tables.put(source.qualifiedName(), source));
        return new NodeIndex(project, models, tables, disabled, unsupported);
    }

    Optional<String> uniqueId(Reference reference) {
        return switch (reference.kind()) {
            case REF ->
                isOwnPackage(reference)
                        ? Optional.ofNullable(models.get(reference.name())).map(ParsedModel::uniqueId)
                        : Optional.empty();
            case SOURCE ->
                Optional.ofNullable(sources.get(String.join(".", reference.names())))
                        .map(source -> source.table().uniqueId());
        };
    }

    private boolean isOwnPackage(Reference reference) {
        return reference.names().size() == 1 || reference.names().get(0).equals(project);
    }

    /** Why a reference of a model leads nowhere. */
    String missing(String model, Reference reference) {
        String start =
                "model '" + model + "' depends on a " + (reference.kind() == Reference.Kind.REF ? "node" : "source")
                        + " named '" + String.join(".", reference.names()) + "' which ";
        if (reference.kind() == Reference.Kind.REF && !isOwnPackage(reference)) {
            String known =
                    models.containsKey(reference.name()) ? "; did you mean ref('" + reference.name() + "')?" : "";
            return start + "was not found: there is no package '"
                    + reference.names().get(0) + "'" + known;
        }
        String name = String.join(
                ".", reference.kind() == Reference.Kind.REF ? List.of(reference.name()) : reference.names());
        if (disabled.containsKey(name)) {
            return start + "is disabled (" + disabled.get(name) + ")";
        }
        if (unsupported.containsKey(name)) {
            return start + "is a " + unsupported.get(name) + ", which is not supported yet";
        }
        Collection<String> known = reference.kind() == Reference.Kind.REF ? models.keySet() : sources.keySet();
        return start + "was not found" + NearestName.hint(name, new TreeSet<>(known));
    }
}

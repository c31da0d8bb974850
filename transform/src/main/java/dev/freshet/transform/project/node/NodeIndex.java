package dev.freshet.transform.project.node;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds what a reference means among the nodes of a project, and says why when there is nothing.
 *
 * @param project the project's own name
 * @param packages the names of the project and its packages
 * @param nodes enabled models, seeds and snapshots by {@code package.name}, {@code package.name.v1} for one version
 * @param sources enabled source tables by {@code package.source.table}
 * @param disabled {@code package.name} of disabled nodes and source tables, and where they are
 * @param isOwnPackageFirst whether a package's reference is looked for in the package before the project
 */
public record NodeIndex(
        String project,
        Set<String> packages,
        Map<String, ParsedNode> nodes,
        Map<String, SourceNode> sources,
        Map<String, String> disabled,
        boolean isOwnPackageFirst) {

    /** The behaviour flag of dbt_project.yml. */
    public static final String OWN_PACKAGE_FIRST = "require_ref_searches_node_package_before_root";

    /**
     * Indexes nodes by name.
     *
     * @param latest the version that a ref without one means, by {@code package.name}
     * @param problems told of two enabled nodes with one name
     */
    public static NodeIndex of(
            String project,
            Set<String> packages,
            Collection<ParsedNode> enabled,
            Map<String, String> latest,
            Collection<SourceNode> sources,
            Map<String, String> disabled,
            boolean isOwnPackageFirst,
            Problems problems) {
        Map<String, ParsedNode> nodes = new LinkedHashMap<>();
        for (ParsedNode node : enabled) {
            if (!node.type().isReferable()) {
                continue;
            }
            NodeSource source = node.source();
            String name = source.project() + "." + source.name();
            String key = source.version().map(number -> name + ".v" + number).orElse(name);
            ParsedNode first = nodes.putIfAbsent(key, node);
            if (first != null) {
                problems.add(source.start(), twice(first, node));
            }
            if (source.version().equals(Optional.ofNullable(latest.get(name)))
                    && source.version().isPresent()) {
                nodes.put(name, node);
            }
        }
        Map<String, SourceNode> tables = new HashMap<>();
        sources.forEach(source -> tables.put(source.packageName() + "." + source.qualifiedName(), source));
        return new NodeIndex(project, packages, nodes, tables, disabled, isOwnPackageFirst);
    }

    private static String twice(ParsedNode first, ParsedNode second) {
        boolean same = first.type() == second.type();
        String what = same
                ? "two " + first.type().id() + "s are"
                : "a " + first.type().id() + " and a " + second.type().id() + " are both";
        return what + " named '" + second.source().name() + "': "
                + first.source().file() + " and " + second.source().file()
                + "; rename one of them (config(alias=...) may keep the table's name)";
    }

    /** @param from the package whose template refers */
    public Optional<String> uniqueId(String from, Reference reference) {
        return switch (reference.kind()) {
            case REF -> node(from, reference).map(ParsedNode::uniqueId);
            case SOURCE -> source(from, reference).map(source -> source.table().uniqueId());
        };
    }

    /** The enabled node that a {@code ref} means; none for a source. */
    public Optional<ParsedNode> node(String from, Reference reference) {
        if (reference.kind() == Reference.Kind.SOURCE) {
            return Optional.empty();
        }
        String name = reference.name()
                + reference.version().map(number -> ".v" + number).orElse("");
        return searched(from, reference, 2).stream()
                .flatMap(packageName -> Optional.ofNullable(nodes.get(packageName + "." + name)).stream())
                .findFirst();
    }

    private Optional<SourceNode> source(String from, Reference reference) {
        String name = String.join(".", reference.names());
        return searched(from, reference, 3).stream()
                .flatMap(packageName -> Optional.ofNullable(sources.get(packageName + "." + name)).stream())
                .findFirst();
    }

    /** As dbt searches: the package that is named, else the project, the template's own, then any. */
    private List<String> searched(String from, Reference reference, int namesWithPackage) {
        if (reference.names().size() == namesWithPackage) {
            return List.of(reference.names().get(0));
        }
        Set<String> order = new LinkedHashSet<>(isOwnPackageFirst ? List.of(from) : List.of(project));
        order.addAll(List.of(from, project));
        order.addAll(packages);
        return new ArrayList<>(order);
    }

    /** Whether what a package refers to is there but disabled. */
    public boolean isDisabled(String from, Reference reference) {
        return placeOfDisabled(from, reference).isPresent();
    }

    private Optional<String> placeOfDisabled(String from, Reference reference) {
        boolean isRef = reference.kind() == Reference.Kind.REF;
        String name = isRef ? reference.name() : String.join(".", reference.names());
        return searched(from, reference, isRef ? 2 : 3).stream()
                .flatMap(packageName -> Optional.ofNullable(disabled.get(packageName + "." + name)).stream())
                .findFirst();
    }

    /** Why a reference of a node leads nowhere. */
    public String missing(ParsedNode reader, Reference reference) {
        return missing(reader.source().title(), reader.source().project(), reference);
    }

    /** @param reader what refers, for the message: {@code model 'orders'} */
    public String missing(String reader, String from, Reference reference) {
        boolean isRef = reference.kind() == Reference.Kind.REF;
        String start = reader + " depends on a " + (isRef ? "node" : "source") + " named '"
                + String.join(".", reference.names()) + "' which ";
        if (isRef
                && reference.names().size() == 2
                && !packages.contains(reference.names().get(0))) {
            String hint = names(nodes.keySet()).contains(reference.name())
                    ? "; did you mean ref('" + reference.name() + "')?"
                    : NearestName.hint(reference.names().get(0), packages);
            return start + "was not found: there is no package '"
                    + reference.names().get(0) + "'" + hint;
        }
        String name = isRef ? reference.name() : String.join(".", reference.names());
        Optional<String> place = placeOfDisabled(from, reference);
        if (place.isPresent()) {
            return start
                    + (place.get().endsWith(".py")
                            ? "is a Python model (" + place.get() + "), which can't be run here"
                            : "is disabled (" + place.get() + ")");
        }
        if (isRef && reference.version().isPresent()) {
            List<String> versions = nodes.values().stream()
                    .filter(node -> node.source().name().equals(name))
                    .flatMap(node -> node.source().version().stream())
                    .distinct()
                    .sorted()
                    .toList();
            return start + "has no version '" + reference.version().get() + "'"
                    + (versions.isEmpty() ? "" : "; its versions are " + String.join(", ", versions));
        }
        return start + "was not found" + NearestName.hint(name, names(isRef ? nodes.keySet() : sources.keySet()));
    }

    private static Set<String> names(Set<String> keys) {
        Set<String> names = new TreeSet<>();
        keys.forEach(key -> names.add(key.substring(key.indexOf('.') + 1)));
        return names;
    }
}

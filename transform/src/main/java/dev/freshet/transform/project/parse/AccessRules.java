package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.node.GenericTest;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Reference;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who may refer to which model, as dbt has it: a private one is for its group; where its package restricts access, other packages may use public
 * ones only.
 *
 * @param restricted the packages that restrict access
 * @param groups the names of all groups
 */
public record AccessRules(Set<String> restricted, Set<String> groups, NodeIndex index) {

    private static final String PRIVATE = "private";
    private static final String PROTECTED = "protected";
    private static final String PUBLIC = "public";
    private static final Set<String> LEVELS = Set.of(PRIVATE, PROTECTED, PUBLIC);

    /** Those that the project files and the properties set. */
    public static AccessRules of(Collection<ProjectPackage> packages, Properties properties, NodeIndex index) {
        Set<String> restricted = new TreeSet<>();
        for (ProjectPackage each : packages) {
            if (each.file().restrictsAccess()) {
                restricted.add(each.name());
            }
        }
        Set<String> groups = new TreeSet<>();
        properties.section("groups").stream().map(NodeProperties::name).forEach(groups::add);
        return new AccessRules(restricted, groups, index);
    }

    /** Adds what is wrong with the nodes' groups, access and references. */
    public void check(Collection<ParsedNode> nodes, Problems problems) {
        for (ParsedNode node : nodes) {
            checkSettings(node, problems);
            String group = node.source().test().isPresent() ? groupOfTested(node) : group(node);
            for (Reference reference : node.capture().references()) {
                refusal(node.source().title(), node.source().project(), group, reference)
                        .ifPresent(refusal -> problems.add(reference.position(), refusal));
            }
        }
    }

    private void checkSettings(ParsedNode node, Problems problems) {
        String group = group(node);
        String title = node.source().title();
        if (!group.isEmpty() && !groups.contains(group)) {
            problems.add(
                    node.configured(),
                    title + " is in the group '" + group + "', which is not declared"
                            + NearestName.choices(group, "the groups are", groups));
        }
        if (!node.isModel()) {
            return;
        }
        String access = access(node);
        if (!LEVELS.contains(access)) {
            problems.add(
                    node.configured(),
                    title + " has the unknown access '" + access + "'"
                            + NearestName.choices(access, "the known ones are", LEVELS));
        }
        if (access.equals(PUBLIC) && node.isEphemeral()) {
            problems.add(
                    node.configured(),
                    title + " is ephemeral and can't be public: other projects would find no table; materialize it");
        }
    }

    /**
     * Why a reference is not allowed.
     *
     * @param reader what refers, for the message: {@code model 'orders'}
     * @param group of the reader, empty without one
     */
    Optional<String> refusal(String reader, String packageName, String group, Reference reference) {
        Optional<ParsedNode> found = index.node(packageName, reference).filter(ParsedNode::isModel);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ParsedNode model = found.get();
        String owner = model.source().project();
        boolean isOutside = !owner.equals(packageName) && restricted.contains(owner);
        String start = reader + " depends on " + model.source().title() + ", which is ";
        if (access(model).equals(PRIVATE) && (isOutside || group.isEmpty() || !group.equals(group(model)))) {
            return Optional.of(
                    group(model).isEmpty()
                            ? start + "private and in no group: give both one group, or change its access"
                            : start + "private to the group '" + group(model)
                                    + "'; join the group with 'group:', or change its access");
        }
        return access(model).equals(PROTECTED) && isOutside
                ? Optional.of(start + "protected: package '" + owner
                        + "' restricts access, so other packages may use its public models only")
                : Optional.empty();
    }

    private String groupOfTested(ParsedNode test) {
        String attached = test.source().test().map(GenericTest::attached).orElse("");
        String name = attached.substring(attached.indexOf('.') + 1);
        return test.capture().references().stream()
                .filter(reference -> reference.name().equals(name))
                .flatMap(reference -> index.node(test.source().project(), reference).stream())
                .map(AccessRules::group)
                .findFirst()
                .orElse("");
    }

    private static String group(ParsedNode node) {
        return node.config().text("group").orElse("");
    }

    private static String access(ParsedNode model) {
        return model.config().text("access").orElse(PROTECTED);
    }
}

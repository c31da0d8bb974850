package dev.freshet.deploy.cli.options;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.selection.NodeMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Which kinds of nodes a command works on. */
public final class ResourceTypeOptions {

    @Option(
            names = {"--resource-type", "--resource-types"},
            paramLabel = "TYPE",
            arity = "1..*",
            split = " ",
            description = "Only these kinds: model, test, source, ...; all is every kind.")
    public List<String> resourceTypes = new ArrayList<>();

    @Option(
            names = {"--exclude-resource-type", "--exclude-resource-types"},
            paramLabel = "TYPE",
            arity = "1..*",
            split = " ",
            description = "None of these kinds.")
    List<String> excludedTypes = new ArrayList<>();

    /**
     * @param usual what {@code default} and saying nothing mean
     * @throws FreshetException USER when there is no such kind
     */
    public Set<String> of(Set<String> usual) {
        Set<String> known = NodeMatcher.resourceTypes();
        Set<String> chosen = resourceTypes.isEmpty() ? new TreeSet<>(usual) : new TreeSet<>();
        for (String type : resourceTypes) {
            switch (type) {
                case "all" -> chosen.addAll(known);
                case "default" -> chosen.addAll(usual);
                default -> chosen.add(checked(type, known));
            }
        }
        excludedTypes.forEach(type -> chosen.remove(checked(type, known)));
        return chosen;
    }

    private static String checked(String type, Set<String> known) {
        if (!known.contains(type)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + type + "' is not a resource type" + NearestName.choices(type, "the types are", known));
        }
        return type;
    }
}

package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@code var} sees: the command line over the project's own section over the global values of {@code vars:}. */
public record Variables(Map<String, @Nullable Object> values) {

    public Variables {
        values = new LinkedHashMap<>(values);
    }

    /** @param commandLine {@code --vars} */
    public static Variables of(String project, YamlMapping vars, Map<String, ? extends @Nullable Object> commandLine) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        add(values, project, vars);
        values.putAll(commandLine);
        return new Variables(values);
    }

    /**
     * What the templates of an installed package see: the package's own values, then the project's, its section for the package over its global
     * values, then the command line.
     */
    public static Variables ofPackage(
            String packageName,
            YamlMapping own,
            YamlMapping project,
            Map<String, ? extends @Nullable Object> commandLine) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        add(values, packageName, own);
        add(values, packageName, project);
        values.putAll(commandLine);
        return new Variables(values);
    }

    private static void add(Map<String, @Nullable Object> values, String section, YamlMapping vars) {
        vars.entries().forEach((key, node) -> {
            if (!key.equals(section) || !(node instanceof YamlMapping)) {
                values.put(key, node.value());
            }
        });
        if (vars.entries().get(section) instanceof YamlMapping own) {
            values.putAll(own.value());
        }
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public @Nullable Object value(String name) {
        return values.get(name);
    }

    /** What to tell when a variable without a default is missing. */
    public String missing(String name) {
        Set<String> known = new TreeSet<>(values.keySet());
        String hint = NearestName.hint(name, known);
        return "the variable '" + name + "' is not defined" + (hint.isEmpty() ? ": " : hint + " Otherwise ")
                + "add it under 'vars:' in " + ProjectFile.FILE + ", pass --vars, or give var() a default";
    }
}

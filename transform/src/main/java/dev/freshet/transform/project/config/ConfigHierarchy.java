package dev.freshet.transform.project.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The config trees of a project and its packages. A package's node is configured by its own package, its properties and its own {@code config()},
 * and then the project has the last word.
 *
 * @param root the project's name
 * @param files by package, rendered, the project's among them
 */
public record ConfigHierarchy(String root, Map<String, ProjectFile> files) {

    public ConfigHierarchy {
        files = new LinkedHashMap<>(files);
    }

    /** What the package's own dbt_project.yml says about a node. */
    public NodeConfig own(String section, String packageName, List<String> fqn) {
        ProjectFile file = files.get(packageName);
        return file == null ? NodeConfig.EMPTY : new ConfigTree(file.tree(section)).configOf(fqn);
    }

    /** The configuration with what the project says about a package's node on top. */
    public NodeConfig overridden(NodeConfig config, String section, String packageName, List<String> fqn) {
        return packageName.equals(root) ? config : config.with(rootValues(section, fqn));
    }

    private Map<String, ? extends @Nullable Object> rootValues(String section, List<String> fqn) {
        ProjectFile file = files.get(root);
        return file == null
                ? Map.of()
                : new ConfigTree(file.tree(section)).configOf(fqn).values();
    }
}

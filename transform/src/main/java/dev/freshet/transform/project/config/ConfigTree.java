package dev.freshet.transform.project.config;

import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tree under {@code models:} (or another kind of node) in dbt_project.yml: keys with {@code +}, and plain values, configure a level. */
public record ConfigTree(YamlMapping root) {

    /**
     * What the tree says about one node, the deepest level last.
     *
     * @param fqn the node's path: project, directories, name
     */
    public NodeConfig configOf(List<String> fqn) {
        NodeConfig config = level(NodeConfig.EMPTY, root);
        YamlMapping mapping = root;
        for (String part : fqn) {
            YamlNode next = mapping.entries().get(part);
            if (!(next instanceof YamlMapping deeper)) {
                break;
            }
            config = level(config, deeper);
            mapping = deeper;
        }
        return config;
    }

    private static NodeConfig level(NodeConfig config, YamlMapping mapping) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        mapping.entries().forEach((key, node) -> {
            if (key.startsWith("+")) {
                values.put(key.substring(1).strip(), node.value());
            } else if (!(node instanceof YamlMapping)) {
                values.put(key, node.value());
            }
        });
        return config.with(values);
    }
}

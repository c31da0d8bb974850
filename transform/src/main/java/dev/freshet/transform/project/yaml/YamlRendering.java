package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renders the Jinja in the texts of a YAML tree. Values under some keys are templates for later and stay as written.
 *
 * @param untouched the keys whose values are not rendered, a leading {@code +} ignored
 */
public record YamlRendering(TextRenderer renderer, Set<String> untouched) {

    public YamlRendering {
        untouched = Set.copyOf(untouched);
    }

    public YamlMapping mapping(YamlMapping mapping) {
        Map<String, YamlNode> rendered = new LinkedHashMap<>();
        mapping.entries().forEach((key, value) -> {
            String name = key.startsWith("+") ? key.substring(1) : key;
            rendered.put(key, untouched.contains(name) ? value : node(value));
        });
        return new YamlMapping(mapping.position(), rendered, mapping.keys());
    }

    public YamlNode node(YamlNode node) {
        if (node instanceof YamlMapping mapping) {
            return mapping(mapping);
        }
        if (node instanceof YamlSequence sequence) {
            return new YamlSequence(
                    node.position(), sequence.items().stream().map(this::node).toList());
        }
        if (node instanceof YamlScalar scalar && scalar.value() instanceof String text && isTemplate(text)) {
            return fromValue(node.position(), renderer.render(text, node.position()));
        }
        return node;
    }

    private static boolean isTemplate(String text) {
        return text.contains("{{") || text.contains("{%") || text.contains("{#");
    }

    private static YamlNode fromValue(Position position, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, YamlNode> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put(String.valueOf(key), fromValue(position, item)));
            return new YamlMapping(position, entries, Map.of());
        }
        if (value instanceof List<?> list) {
            List<YamlNode> items = new ArrayList<>();
            list.forEach(item -> items.add(fromValue(position, item)));
            return new YamlSequence(position, items);
        }
        return new YamlScalar(position, value == null ? "" : value.toString(), value);
    }
}

package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values in the order of the file, merge keys ({@code <<}) resolved. The typed readers throw the user's mistake with its position.
 *
 * @param keys where each key is written
 */
public record YamlMapping(Position position, Map<String, YamlNode> entries, Map<String, Position> keys)
        implements YamlNode {

    public YamlMapping {
        entries = new LinkedHashMap<>(entries);
        keys = Map.copyOf(keys);
    }

    public static YamlMapping empty(Position position) {
        return new YamlMapping(position, Map.of(), Map.of());
    }

    /** The value of a key; empty when the key is absent or its value is null. */
    public Optional<YamlNode> get(String key) {
        YamlNode node = entries.get(key);
        return node instanceof YamlScalar scalar && scalar.isNull() ? Optional.empty() : Optional.ofNullable(node);
    }

    /** Where a key is written, or the mapping itself when it is not. */
    public Position keyPosition(String key) {
        return keys.getOrDefault(key, position);
    }

    /** A scalar's text, whatever its type. */
    public Optional<String> text(String key) {
        return get(key).map(node -> {
            if (node instanceof YamlScalar scalar) {
                return scalar.text();
            }
            throw node.position().mistake("'" + key + "' must be a text, not " + node.kind());
        });
    }

    public String requireText(String key, String owner) {
        return text(key)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> position.mistake(owner + " needs '" + key + "'"));
    }

    /** A nested mapping; an absent one is empty. */
    public YamlMapping mapping(String key) {
        return get(key).map(node -> asMapping("'" + key + "'", node)).orElseGet(() -> empty(keyPosition(key)));
    }

    /** The items of a list; an absent one is empty. */
    public List<YamlNode> list(String key) {
        return get(key).map(node -> {
                    if (node instanceof YamlSequence sequence) {
                        return sequence.items();
                    }
                    throw node.position()
                            .mistake("'" + key + "' must be a list (lines that begin with '- '), not " + node.kind());
                })
                .orElse(List.of());
    }

    /** A text or a list of texts. */
    public List<String> texts(String key) {
        Optional<YamlNode> found = get(key);
        if (found.isEmpty()) {
            return List.of();
        }
        List<YamlNode> items = found.get() instanceof YamlSequence sequence ? sequence.items() : List.of(found.get());
        List<String> texts = new ArrayList<>();
        for (YamlNode item : items) {
            if (!(item instanceof YamlScalar scalar)) {
                throw item.position().mistake("'" + key + "' must be a list of texts, not " + item.kind());
            }
            texts.add(scalar.text());
        }
        return texts;
    }

    /** A node that has to be a mapping. */
    public static YamlMapping asMapping(String what, YamlNode node) {
        if (node instanceof YamlMapping mapping) {
            return mapping;
        }
        throw node.position().mistake(what + " must be a mapping ('key: value' lines), not " + node.kind());
    }

    @Override
    public Map<String, @Nullable Object> value() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        entries.forEach((key, node) -> values.put(key, node.value()));
        return values;
    }

    @Override
    public String kind() {
        return "a mapping";
    }
}

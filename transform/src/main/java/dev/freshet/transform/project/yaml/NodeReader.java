package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Turns SnakeYAML's nodes into ours. An anchor's node is converted once and shared, so aliases can't blow a small file up. */
final class NodeReader {

    private final String file;
    private final Map<Node, YamlNode> done = new IdentityHashMap<>();
    private final Map<Node, Boolean> open = new IdentityHashMap<>();
    private final Scalars scalars = new Scalars();

    NodeReader(String file) {
        this.file = file;
    }

    YamlNode read(Node node) {
        YamlNode known = done.get(node);
        if (known != null) {
            return known;
        }
        if (open.put(node, true) != null) {
            throw position(node).mistake("this anchor contains itself");
        }
        YamlNode read = convert(node);
        done.put(node, read);
        return read;
    }

    private YamlNode convert(Node node) {
        if (node instanceof MappingNode mapping) {
            return mapping(mapping);
        }
        if (node instanceof SequenceNode sequence) {
            return new YamlSequence(
                    position(node), sequence.getValue().stream().map(this::read).toList());
        }
        if (node instanceof ScalarNode scalar) {
            return new YamlScalar(position(node), scalar.getValue(), scalarValue(scalar));
        }
        throw position(node).mistake("this kind of YAML value is not supported");
    }

    private YamlMapping mapping(MappingNode node) {
        Map<String, YamlNode> own = new LinkedHashMap<>();
        Map<String, Position> keys = new LinkedHashMap<>();
        List<YamlMapping> merged = new ArrayList<>();
        for (NodeTuple tuple : node.getValue()) {
            Position at = position(tuple.getKeyNode());
            if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
                merged.addAll(mergeSources(tuple.getValueNode()));
                continue;
            }
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw at.mistake("a key must be a text");
            }
            Position first = keys.putIfAbsent(key.getValue(), at);
            if (first != null) {
                throw at.mistake("the key '" + key.getValue() + "' is already on line " + first.line());
            }
            own.put(key.getValue(), read(tuple.getValueNode()));
        }
        for (YamlMapping source : merged) {
            source.entries().forEach((key, value) -> {
                if (own.putIfAbsent(key, value) == null) {
                    keys.put(key, source.keyPosition(key));
                }
            });
        }
        return new YamlMapping(position(node), own, keys);
    }

    private List<YamlMapping> mergeSources(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue().stream()
                    .map(item -> YamlMapping.asMapping("a merged value", read(item)))
                    .toList();
        }
        return List.of(YamlMapping.asMapping("a merged value", read(node)));
    }

    private @Nullable Object scalarValue(ScalarNode node) {
        if (node.getTag().equals(Tag.TIMESTAMP)) {
            return node.getValue();
        }
        try {
            Object value = scalars.construct(node);
            return value instanceof Integer number ? (Object) number.longValue() : value;
        } catch (YAMLException | IllegalArgumentException e) {
            throw position(node).mistake("this is not a value that YAML 1.1 knows; put it in quotes");
        }
    }

    private Position position(Node node) {
        return new Position(file, node.getStartMark().getLine() + 1);
    }

    /** SnakeYAML's own reading of plain scalars: yes and no, octal, sexagesimal and the rest of YAML 1.1. */
    private static final class Scalars extends SafeConstructor {
        Scalars() {
            super(new LoaderOptions());
        }

        @Nullable
        Object construct(ScalarNode node) {
            return constructDocument(node);
        }
    }
}

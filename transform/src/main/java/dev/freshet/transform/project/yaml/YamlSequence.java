package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list. */
public record YamlSequence(Position position, List<YamlNode> items) implements YamlNode {

    public YamlSequence {
        items = List.copyOf(items);
    }

    @Override
    public List<@Nullable Object> value() {
        List<@Nullable Object> values = new ArrayList<>();
        items.forEach(item -> values.add(item.value()));
        return values;
    }

    @Override
    public String kind() {
        return "a list";
    }
}

package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import org.jspecify.annotations.Nullable;

/**
 * A single value.
 *
 * @param text as written, quotes and escapes resolved
 * @param value what YAML 1.1 makes of it: String, Boolean, Long, BigInteger, Double or null; a timestamp stays text
 */
public record YamlScalar(Position position, String text, @Nullable Object value) implements YamlNode {

    public boolean isNull() {
        return value == null;
    }

    /** Without the value: it may be a password. */
    @Override
    public String kind() {
        if (value == null) {
            return "empty";
        }
        return value instanceof String ? "a text" : value instanceof Boolean ? "a boolean" : "a number";
    }
}

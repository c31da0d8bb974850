package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import org.jspecify.annotations.Nullable;

/** A value in a YAML file that knows where it was written. Immutable. */
public sealed interface YamlNode permits YamlMapping, YamlScalar, YamlSequence {

    Position position();

    /** The value as plain Java: String, Boolean, Long, BigInteger, Double, List, Map with string keys, or null. */
    @Nullable
    Object value();

    /** {@code a mapping}, {@code a list}, {@code a text} and so on, for messages. */
    String kind();
}

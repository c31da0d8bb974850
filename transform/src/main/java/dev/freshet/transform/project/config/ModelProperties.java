package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.Position;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a properties file says about a model.
 *
 * @param position where it is declared
 * @param config the values under {@code config:}
 */
public record ModelProperties(
        String name, Position position, String description, Map<String, @Nullable Object> config) {}

package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a properties file says about one thing: a model, a seed, an exposure.
 *
 * @param packageName the package whose file it is
 * @param file relative to the package
 * @param position where it is declared
 * @param config the values under {@code config:}, and the older places of the same settings
 * @param written all of it, its Jinja rendered but for what is rendered later
 */
public record NodeProperties(
        String packageName,
        String name,
        PropertiesFile file,
        Position position,
        Map<String, @Nullable Object> config,
        YamlMapping written) {

    public NodeProperties {
        config = new LinkedHashMap<>(config);
    }

    public String description() {
        return written.text("description").orElse("");
    }
}

package dev.freshet.transform.project.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All properties files of a project together.
 *
 * @param models by name
 * @param sources by {@code source.table}
 * @param warnings one line each
 */
public record Properties(
        Map<String, ModelProperties> models, Map<String, SourceProperties> sources, List<String> warnings) {

    public Properties {
        models = new LinkedHashMap<>(models);
        sources = new LinkedHashMap<>(sources);
        warnings = List.copyOf(warnings);
    }
}

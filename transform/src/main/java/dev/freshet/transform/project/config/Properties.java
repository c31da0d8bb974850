package dev.freshet.transform.project.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All properties files of a project and its packages together.
 *
 * @param entries by section ({@code models}, {@code exposures}), in the order of the files
 * @param sources in the order of the files
 * @param warnings one line each
 */
public record Properties(
        Map<String, List<NodeProperties>> entries, List<SourceProperties> sources, List<String> warnings) {

    public Properties {
        entries = new LinkedHashMap<>(entries);
        sources = List.copyOf(sources);
        warnings = List.copyOf(warnings);
    }

    public List<NodeProperties> section(String name) {
        return entries.getOrDefault(name, List.of());
    }

    /** What is said about one thing of a package. */
    public Optional<NodeProperties> of(String section, String packageName, String name) {
        return section(section).stream()
                .filter(entry ->
                        entry.packageName().equals(packageName) && entry.name().equals(name))
                .findFirst();
    }

    /** These and those of another package. */
    public Properties and(Properties others) {
        Map<String, List<NodeProperties>> both = new LinkedHashMap<>();
        entries.forEach((section, entries) -> both.put(section, new ArrayList<>(entries)));
        others.entries().forEach((section, entries) -> both.computeIfAbsent(section, key -> new ArrayList<>())
                .addAll(entries));
        List<SourceProperties> all = new ArrayList<>(sources);
        all.addAll(others.sources());
        List<String> told = new ArrayList<>(warnings);
        told.addAll(others.warnings());
        return new Properties(both, all, told);
    }
}

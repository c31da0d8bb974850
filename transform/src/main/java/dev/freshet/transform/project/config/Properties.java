package dev.freshet.transform.project.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All properties files of a project and its packages together. Immutable. */
public final class Properties {

    private record Key(String section, String packageName, String name) {}

    private final Map<String, List<NodeProperties>> entries;
    private final List<SourceProperties> sources;
    private final List<String> warnings;
    private final Map<Key, NodeProperties> byName = new HashMap<>();
    private final List<NodeProperties> versioned = new ArrayList<>();

    /**
     * @param entries by section ({@code models}, {@code exposures}), in the order of the files
     * @param sources in the order of the files
     * @param warnings one line each
     */
    public Properties(
            Map<String, List<NodeProperties>> entries, List<SourceProperties> sources, List<String> warnings) {
        this.entries = new LinkedHashMap<>(entries);
        this.sources = List.copyOf(sources);
        this.warnings = List.copyOf(warnings);
        entries.forEach((section, all) ->
                all.forEach(entry -> byName.putIfAbsent(new Key(section, entry.packageName(), entry.name()), entry)));
        section("models").stream()
                .filter(entry -> entry.written().get("versions").isPresent())
                .forEach(versioned::add);
    }

    public List<SourceProperties> sources() {
        return sources;
    }

    public List<String> warnings() {
        return warnings;
    }

    public List<NodeProperties> section(String name) {
        return entries.getOrDefault(name, List.of());
    }

    /** The models that have {@code versions:}. */
    public List<NodeProperties> versionedModels() {
        return List.copyOf(versioned);
    }

    /** What is said about one thing of a package. */
    public Optional<NodeProperties> of(String section, String packageName, String name) {
        return Optional.ofNullable(byName.get(new Key(section, packageName, name)));
    }

    /** These and those of another package. */
    public Properties and(Properties others) {
        Map<String, List<NodeProperties>> both = new LinkedHashMap<>();
        entries.forEach((section, entries) -> both.put(section, new ArrayList<>(entries)));
        others.entries.forEach((section, entries) ->
                both.computeIfAbsent(section, key -> new ArrayList<>()).addAll(entries));
        List<SourceProperties> all = new ArrayList<>(sources);
        all.addAll(others.sources);
        List<String> told = new ArrayList<>(warnings);
        told.addAll(others.warnings);
        return new Properties(both, all, told);
    }
}

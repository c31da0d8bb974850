package dev.freshet.transform.project.selection;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import dev.freshet.transform.project.yaml.YamlScalar;
import dev.freshet.transform.project.yaml.YamlSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads selectors.yml: selections with names. */
public final class SelectorsFile {

    public static final String FILE = "selectors.yml";

    private static final Set<String> SELECTOR_KEYS = Set.of("name", "description", "definition", "default");
    private static final Set<String> TERM_KEYS = Set.of(
            "method",
            "value",
            "parents",
            "parents_depth",
            "children",
            "children_depth",
            "childrens_parents",
            "indirect_selection",
            "greedy",
            "exclude");

    /**
     * A selection with a name.
     *
     * @param isDefault taken when a command says nothing
     * @param written the definition as the manifest has it
     */
    public record NamedSelection(
            String name, String description, boolean isDefault, Selection selection, @Nullable Object written) {}

    private SelectorsFile() {}

    /** By name; empty when there is no such file. */
    public static Map<String, NamedSelection> read(Path directory, TextRenderer renderer) {
        Path path = directory.resolve(FILE);
        if (!Files.isRegularFile(path)) {
            return Map.of();
        }
        YamlMapping file = new YamlRendering(renderer, Set.of()).mapping(YamlFile.read(path, FILE));
        Map<String, NamedSelection> selectors = new LinkedHashMap<>();
        for (YamlNode item : file.list("selectors")) {
            NamedSelection selector = selector(YamlMapping.asMapping("a selector", item));
            if (selectors.putIfAbsent(selector.name(), selector) != null) {
                throw item.position().mistake("two selectors are named '" + selector.name() + "'; rename one of them");
            }
            if (selector.isDefault()
                    && selectors.values().stream()
                                    .filter(NamedSelection::isDefault)
                                    .count()
                            > 1) {
                throw item.position().mistake("a second selector is the default one; leave 'default' at one of them");
            }
        }
        return selectors;
    }

    private static NamedSelection selector(YamlMapping written) {
        String name = written.requireText("name", "a selector");
        checkKeys(written, SELECTOR_KEYS, "selector '" + name + "'");
        YamlNode definition = written.get("definition")
                .orElseThrow(() -> written.position().mistake("selector '" + name + "' needs 'definition'"));
        return new NamedSelection(
                name,
                written.text("description").orElse(""),
                written.text("default").map(Boolean::parseBoolean).orElse(false),
                selection(definition),
                definition.value());
    }

    private static void checkKeys(YamlMapping written, Set<String> known, String owner) {
        for (String key : written.entries().keySet()) {
            if (!known.contains(key)) {
                throw written.keyPosition(key)
                        .mistake(owner + " has the unknown key '" + key + "'"
                                + NearestName.choices(key, "the keys are", known));
            }
        }
    }

    private static Selection selection(YamlNode node) {
        if (node instanceof YamlScalar scalar) {
            return located(scalar, () -> Selection.parse(List.of(scalar.text()), List.of()));
        }
        if (node instanceof YamlSequence sequence) {
            return group(sequence.items(), Selection.Union::new, sequence);
        }
        YamlMapping mapping = YamlMapping.asMapping("a definition", node);
        if (mapping.entries().size() == 1) {
            if (mapping.get("union").isPresent()) {
                return group(mapping.list("union"), Selection.Union::new, mapping);
            }
            if (mapping.get("intersection").isPresent()) {
                return group(mapping.list("intersection"), Selection.Intersection::new, mapping);
            }
            if (mapping.get("method").isEmpty()) {
                String method = mapping.entries().keySet().iterator().next();
                String value = mapping.requireText(method, "a definition");
                return located(mapping, () -> term(method, value, 0, 0, false, Optional.empty()));
            }
        }
        return term(mapping);
    }

    private interface Combination {
        Selection of(List<Selection> parts);
    }

    private static Selection group(List<YamlNode> items, Combination combination, YamlNode at) {
        List<Selection> parts = new ArrayList<>();
        List<Selection> excluded = new ArrayList<>();
        for (YamlNode item : items) {
            if (item instanceof YamlMapping mapping
                    && mapping.entries().size() == 1
                    && mapping.get("exclude").isPresent()) {
                mapping.list("exclude").forEach(each -> excluded.add(selection(each)));
            } else {
                parts.add(selection(item));
            }
        }
        if (parts.isEmpty()) {
            throw at.position().mistake("a union or intersection needs at least one definition that is no 'exclude'");
        }
        Selection chosen = combination.of(parts);
        return excluded.isEmpty() ? chosen : new Selection.Difference(chosen, new Selection.Union(excluded));
    }

    private static Selection term(YamlMapping written) {
        checkKeys(written, TERM_KEYS, "a definition");
        String method = written.requireText("method", "a definition");
        String value = written.requireText("value", "a definition");
        Optional<IndirectSelection> indirect = written.text("indirect_selection")
                .map(text -> {
                    for (IndirectSelection each : IndirectSelection.values()) {
                        if (each.toString().equals(text.toLowerCase(Locale.ROOT))) {
                            return each;
                        }
                    }
                    throw written.keyPosition("indirect_selection")
                            .mistake("'indirect_selection' is eager, cautious, buildable or empty, not '" + text + "'");
                });
        Selection chosen = located(
                written,
                () -> term(
                        method,
                        value,
                        depth(written, "parents"),
                        depth(written, "children"),
                        isTrue(written, "childrens_parents"),
                        indirect));
        List<Selection> excluded = new ArrayList<>();
        written.list("exclude").forEach(each -> excluded.add(selection(each)));
        return excluded.isEmpty() ? chosen : new Selection.Difference(chosen, new Selection.Union(excluded));
    }

    private static Selection term(
            String method,
            String value,
            int parents,
            int children,
            boolean childrensParents,
            Optional<IndirectSelection> indirect) {
        return new Selection.Term(
                Criterion.of(method, value, parents, children, childrensParents, indirect, method + ":" + value));
    }

    private static boolean isTrue(YamlMapping written, String key) {
        return written.text(key).map(Boolean::parseBoolean).orElse(false);
    }

    private static int depth(YamlMapping written, String key) {
        if (!isTrue(written, key)) {
            return 0;
        }
        Optional<String> depth = written.text(key + "_depth");
        if (depth.isEmpty()) {
            return DependencyGraph.UNLIMITED;
        }
        try {
            return Integer.parseInt(depth.get());
        } catch (NumberFormatException e) {
            throw written.keyPosition(key + "_depth")
                    .mistake("'" + key + "_depth' is a number, not '" + depth.get() + "'");
        }
    }

    private interface Attempt {
        Selection selection();
    }

    /** Gives a mistake in a term its place in the file. */
    private static Selection located(YamlNode at, Attempt attempt) {
        try {
            return attempt.selection();
        } catch (FreshetException e) {
            throw at.position().mistake(String.valueOf(e.getMessage()));
        }
    }
}

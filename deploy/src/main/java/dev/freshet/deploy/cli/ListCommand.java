package dev.freshet.deploy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.ResourceTypeOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.selection.NodeMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        aliases = "ls",
        description = "Print the selected nodes, one a line.",
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {

    enum Output {
        SELECTOR,
        NAME,
        PATH,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> KEYS = Set.of(
            "alias",
            "name",
            "source_name",
            "depends_on",
            "unique_id",
            "package_name",
            "tags",
            "config",
            "resource_type",
            "original_file_path");
    private static final Set<String> UNUSUAL_TYPES = Set.of("analysis");

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "selector",
            description = "selector, name, path or json.")
    Output output = Output.SELECTOR;

    @Option(
            names = "--output-keys",
            paramLabel = "KEY",
            arity = "1..*",
            split = " ",
            description = "The keys of a JSON line; config.materialized reaches into one.")
    List<String> outputKeys = new ArrayList<>();

    @Mixin
    ResourceTypeOptions resourceTypes = new ResourceTypeOptions();

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        Set<String> types = types();
        ParsedProject project = options.parse("list", false);
        Headline.found(terminal, project);
        Manifest manifest = project.manifest();
        manifest.write(project.targetDirectory());
        List<String> lines = new ArrayList<>();
        for (String id : new TreeSet<>(selection.of(project, terminal).selected())) {
            Map<String, @Nullable Object> node = manifest.node(id).orElse(Map.of());
            if (types.contains(String.valueOf(node.get("resource_type")))) {
                lines.add(line(node));
            }
        }
        if (lines.isEmpty()) {
            terminal.warnings("[WARNING]: ", List.of("No nodes selected!"));
        }
        lines.forEach(terminal::plain);
        return 0;
    }

    private Set<String> types() {
        Set<String> usual = new TreeSet<>(NodeMatcher.resourceTypes());
        usual.removeAll(UNUSUAL_TYPES);
        return resourceTypes.of(usual);
    }

    private String line(Map<String, @Nullable Object> node) {
        return switch (output) {
            case SELECTOR -> selector(node);
            case NAME -> name(node);
            case PATH -> text(node, "original_file_path");
            case JSON -> json(node);
        };
    }

    private static String text(Map<String, @Nullable Object> node, String key) {
        return String.valueOf(node.get(key));
    }

    private static String selector(Map<String, @Nullable Object> node) {
        String full = text(node, "package_name") + "." + name(node);
        return switch (text(node, "resource_type")) {
            case "source", "exposure", "unit_test" -> text(node, "resource_type") + ":" + full;
            default -> node.get("fqn") instanceof List<?> fqn ? join(fqn) : full;
        };
    }

    private static String join(List<?> parts) {
        return String.join(".", parts.stream().map(String::valueOf).toList());
    }

    private static String name(Map<String, @Nullable Object> node) {
        if (text(node, "resource_type").equals("source")) {
            return text(node, "source_name") + "." + text(node, "name");
        }
        return node.get("version") == null ? text(node, "name") : text(node, "name") + ".v" + node.get("version");
    }

    private String json(Map<String, @Nullable Object> node) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        if (outputKeys.isEmpty()) {
            node.forEach((key, value) -> {
                if (KEYS.contains(key)) {
                    shown.put(key, value);
                }
            });
        } else {
            for (String key : outputKeys) {
                if (node.containsKey(key)) {
                    shown.put(key, node.get(key));
                } else if (key.contains(".")) {
                    shown.put(key, within(node, key));
                }
            }
        }
        try {
            return JSON.writeValueAsString(shown);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a node holds what is no JSON", e);
        }
    }

    private static @Nullable Object within(Map<String, @Nullable Object> node, String path) {
        Object at = node;
        for (String key : List.of(path.split("\\.", -1))) {
            at = at instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return at;
    }
}

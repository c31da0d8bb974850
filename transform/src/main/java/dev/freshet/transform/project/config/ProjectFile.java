package dev.freshet.transform.project.config;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What dbt_project.yml says. The keys that are read before a profile is known (name, profile, paths, vars) are plain; the config trees are
 * rendered by {@link #rendered} once {@code target} is known.
 *
 * @param written the whole file
 * @param warnings one line each
 */
public record ProjectFile(String name, YamlMapping written, List<String> warnings) {

    public static final String FILE = "dbt_project.yml";

    /** The sections that configure nodes. */
    public static final List<String> TREES = List.of(
            "models",
            "seeds",
            "snapshots",
            "sources",
            "data_tests",
            "tests",
            "unit_tests",
            "analyses",
            "exposures",
            "metrics",
            "semantic-models",
            "saved-queries",
            "functions");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> KEYS = Set.of(
            "name",
            "version",
            "config-version",
            "profile",
            "project-root",
            "source-paths",
            "model-paths",
            "macro-paths",
            "data-paths",
            "seed-paths",
            "test-paths",
            "analysis-paths",
            "docs-paths",
            "asset-paths",
            "target-path",
            "snapshot-paths",
            "function-paths",
            "clean-targets",
            "log-path",
            "packages-install-path",
            "quoting",
            "on-run-start",
            "on-run-end",
            "require-dbt-version",
            "dispatch",
            "models",
            "seeds",
            "snapshots",
            "analyses",
            "sources",
            "tests",
            "data_tests",
            "unit_tests",
            "metrics",
            "semantic-models",
            "saved-queries",
            "exposures",
            "functions",
            "vars",
            "packages",
            "query-comment",
            "restrict-access",
            "dbt-cloud",
            "flags",
            "anchors");
    private static final Set<String> HOOKS = Set.of("pre-hook", "post-hook", "pre_hook", "post_hook");

    public static ProjectFile read(Path directory) {
        return read(directory, FILE);
    }

    /** @param shown how messages call the file */
    public static ProjectFile read(Path directory, String shown) {
        Path path = directory.resolve(FILE);
        if (!Files.isRegularFile(path)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "no " + FILE + " in '" + directory
                            + "': go to your dbt project's directory or name it with --project-dir");
        }
        return of(YamlFile.read(path, shown));
    }

    /** {@code flags:} of a project, before anything else of it is looked at; nothing when there is none. */
    public static Map<String, @Nullable Object> flags(Path directory) {
        Path path = directory.resolve(FILE);
        return Files.isRegularFile(path)
                ? YamlFile.read(path, FILE).mapping("flags").value()
                : Map.of();
    }

    static ProjectFile of(YamlMapping file) {
        String name = file.requireText("name", FILE);
        if (!NAME.matcher(name).matches()) {
            throw file.keyPosition("name")
                    .mistake("'" + name + "' is not a project name: use letters, digits and underscores");
        }
        List<String> warnings = new ArrayList<>();
        for (String key : file.entries().keySet()) {
            if (!KEYS.contains(key)) {
                warnings.add(file.keyPosition(key) + ": unknown key '" + key + "'" + NearestName.hint(key, KEYS));
            }
        }
        for (String section : TREES) {
            file.mapping(section);
        }
        return new ProjectFile(name, file, List.copyOf(warnings));
    }

    public Optional<YamlNode> profile() {
        return written.get("profile");
    }

    public List<String> modelPaths() {
        return paths("model-paths", "source-paths", List.of("models"));
    }

    public List<String> macroPaths() {
        return paths("macro-paths", "macro-paths", List.of("macros"));
    }

    public List<String> seedPaths() {
        return paths("seed-paths", "data-paths", List.of("seeds"));
    }

    public List<String> snapshotPaths() {
        return paths("snapshot-paths", "snapshot-paths", List.of("snapshots"));
    }

    public List<String> testPaths() {
        return paths("test-paths", "test-paths", List.of("tests"));
    }

    public List<String> analysisPaths() {
        return paths("analysis-paths", "analysis-paths", List.of("analyses"));
    }

    /** Where docs blocks are looked for. */
    public List<String> docsPaths() {
        List<String> all = new ArrayList<>();
        for (List<String> some : List.of(modelPaths(), seedPaths(), snapshotPaths(), analysisPaths(), macroPaths())) {
            all.addAll(some);
        }
        return paths("docs-paths", "docs-paths", all);
    }

    /** Where artifacts go. */
    public String targetPath() {
        return written.text("target-path").orElse("target");
    }

    public String packagesInstallPath() {
        return written.text("packages-install-path").orElse("dbt_packages");
    }

    /** What {@code clean} removes. */
    public List<String> cleanTargets() {
        List<String> targets = written.texts("clean-targets");
        return targets.isEmpty() ? List.of(targetPath()) : targets;
    }

    /** As written: dbt does not render them. */
    public YamlMapping vars() {
        return written.mapping("vars");
    }

    /** One of {@link #TREES}; {@code tests} is the old name of {@code data_tests}. */
    public YamlMapping tree(String section) {
        boolean isOld = section.equals("data_tests") && written.get(section).isEmpty();
        return written.mapping(isOld ? "tests" : section);
    }

    /** Whether {@code flags:} switches one of dbt's behaviours on that are off by default. */
    public boolean flag(String name) {
        return written.mapping("flags").text(name).map(Boolean::parseBoolean).orElse(false);
    }

    /** Whether other packages may use only what is public. */
    public boolean restrictsAccess() {
        return written.text("restrict-access").map(Boolean::parseBoolean).orElse(false);
    }

    /** {@code dispatch:}, the packages that are searched for the macros of a namespace. */
    public Map<String, List<String>> searchOrders() {
        Map<String, List<String>> orders = new LinkedHashMap<>();
        for (YamlNode item : written.list("dispatch")) {
            YamlMapping entry = YamlMapping.asMapping("an entry of 'dispatch'", item);
            orders.put(entry.requireText("macro_namespace", "an entry of 'dispatch'"), entry.texts("search_order"));
        }
        return orders;
    }

    private List<String> paths(String key, String oldKey, List<String> fallback) {
        List<String> paths = written.texts(written.get(key).isPresent() ? key : oldKey);
        return paths.isEmpty() ? fallback : List.copyOf(paths);
    }

    /**
     * Warnings for a misspelt project name under {@code models:}: it silently configures nothing, the mistake people search for an hour.
     *
     * @param packages the names of the installed packages
     */
    public List<String> unusedSections(Set<String> packages) {
        List<String> unused = new ArrayList<>();
        for (String section : TREES) {
            YamlMapping tree = written.mapping(section);
            tree.entries().forEach((key, value) -> {
                if (value instanceof YamlMapping
                        && !key.startsWith("+")
                        && !key.equals(name)
                        && !packages.contains(key)
                        && !NodeConfig.isMapping(key)) {
                    unused.add(tree.keyPosition(key) + ": '" + section + "." + key
                            + "' configures nothing: this project is called '" + name + "'");
                }
            });
        }
        return unused;
    }

    /** The same with the Jinja in its config trees rendered; hooks stay templates. */
    public ProjectFile rendered(TextRenderer renderer) {
        YamlRendering rendering = new YamlRendering(renderer, HOOKS);
        Map<String, YamlNode> entries = new LinkedHashMap<>(written.entries());
        for (String section : TREES) {
            if (entries.get(section) instanceof YamlMapping tree) {
                entries.put(section, rendering.mapping(tree));
            }
        }
        return new ProjectFile(name, new YamlMapping(written.position(), entries, written.keys()), warnings);
    }

    /** The statements of {@code on-run-start} or {@code on-run-end}, not rendered. */
    public List<String> hooks(String key) {
        return written.texts(key);
    }
}

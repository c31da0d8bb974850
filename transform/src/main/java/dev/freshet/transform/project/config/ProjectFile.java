package dev.freshet.transform.project.config;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
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

/**
 * What dbt_project.yml says. The keys that are read before a profile is known (name, profile, paths, vars) are plain; the config trees are
 * rendered by {@link #rendered} once {@code target} is known.
 *
 * @param vars as written: dbt does not render them
 * @param models the tree under {@code models:}
 * @param sources the tree under {@code sources:}
 * @param ignoredKeys keys that have no effect yet, and where they are
 * @param warnings one line each
 */
public record ProjectFile(
        String name,
        Optional<YamlNode> profile,
        List<String> modelPaths,
        List<String> macroPaths,
        List<String> seedPaths,
        List<String> snapshotPaths,
        String targetPath,
        YamlMapping vars,
        YamlMapping models,
        YamlMapping sources,
        Map<String, Position> ignoredKeys,
        List<String> warnings) {

    public static final String FILE = "dbt_project.yml";

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
    private static final List<String> IGNORED = List.of("on-run-start", "on-run-end", "dispatch", "quoting");
    private static final Set<String> HOOKS = Set.of("pre-hook", "post-hook", "pre_hook", "post_hook");

    public static ProjectFile read(Path directory) {
        Path path = directory.resolve(FILE);
        if (!Files.isRegularFile(path)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "no " + FILE + " in '" + directory
                            + "': go to your dbt project's directory or name it with --project-dir");
        }
        return of(YamlFile.read(path, FILE));
    }

    static ProjectFile of(YamlMapping file) {
        String name = file.requireText("name", FILE);
        if (!NAME.matcher(name).matches()) {
            throw file.keyPosition("name")
                    .mistake("'" + name + "' is not a project name: use letters, digits and underscores");
        }
        YamlMapping models = file.mapping("models");
        YamlMapping sources = file.mapping("sources");
        List<String> warnings = new ArrayList<>();
        for (String key : file.entries().keySet()) {
            if (!KEYS.contains(key)) {
                warnings.add(file.keyPosition(key) + ": unknown key '" + key + "'" + NearestName.hint(key, KEYS));
            }
        }
        warnIfUnused(models, "models", name, warnings);
        warnIfUnused(sources, "sources", name, warnings);
        return new ProjectFile(
                name,
                file.get("profile"),
                paths(file, "model-paths", "source-paths", "models"),
                paths(file, "macro-paths", "macro-paths", "macros"),
                paths(file, "seed-paths", "data-paths", "seeds"),
                paths(file, "snapshot-paths", "snapshot-paths", "snapshots"),
                file.text("target-path").orElse("target"),
                file.mapping("vars"),
                models,
                sources,
                ignored(file),
                warnings);
    }

    private static Map<String, Position> ignored(YamlMapping file) {
        Map<String, Position> ignored = new LinkedHashMap<>();
        for (String key : IGNORED) {
            if (file.get(key).isPresent()) {
                ignored.put(key, file.keyPosition(key));
            }
        }
        return ignored;
    }

    private static List<String> paths(YamlMapping file, String key, String oldKey, String fallback) {
        List<String> paths = file.texts(file.get(key).isPresent() ? key : oldKey);
        return paths.isEmpty() ? List.of(fallback) : List.copyOf(paths);
    }

    /** A misspelt project name under models: silently configures nothing: the mistake people search for an hour. */
    private static void warnIfUnused(YamlMapping tree, String section, String name, List<String> warnings) {
        tree.entries().forEach((key, value) -> {
            if (value instanceof YamlMapping && !key.startsWith("+") && !key.equals(name)) {
                warnings.add(tree.keyPosition(key) + ": '" + section + "." + key
                        + "' configures nothing: this project is called '" + name + "'");
            }
        });
    }

    /** The same with the Jinja in its config trees rendered; hooks stay templates. */
    public ProjectFile rendered(TextRenderer renderer) {
        YamlRendering rendering = new YamlRendering(renderer, HOOKS);
        return new ProjectFile(
                name,
                profile,
                modelPaths,
                macroPaths,
                seedPaths,
                snapshotPaths,
                targetPath,
                vars,
                rendering.mapping(models),
                rendering.mapping(sources),
                ignoredKeys,
                warnings);
    }
}

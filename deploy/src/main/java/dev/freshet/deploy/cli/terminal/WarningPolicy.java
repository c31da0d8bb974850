package dev.freshet.deploy.cli.terminal;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Which warnings are errors, and which are not told: {@code --warn-error} and {@code --warn-error-options}.
 *
 * @param errors dbt's names of warnings, or {@code all}
 * @param warnings those that stay warnings when all are errors
 * @param silent those that nobody is told of
 */
public record WarningPolicy(Set<String> errors, Set<String> warnings, Set<String> silent) {

    private static final Set<String> ALL = Set.of("all", "*");
    private static final Set<String> KEYS = Set.of("error", "include", "warn", "exclude", "silence");

    /** What a warning is called in dbt, by a part of its text that is always there. */
    private static final Map<String, String> NAMES = Map.of(
            "matches no enabled node", "NoNodesForSelectionCriteria",
            "configures nothing", "UnusedResourceConfigPath",
            "for these properties", "NoNodeForYamlKey",
            "unknown key", "CustomTopLevelKeyDeprecation",
            "which was not found", "NodeNotFoundOrDisabled",
            "is not supported yet and has no effect", "SettingWithoutEffect");

    private static final String OTHER = "JinjaLogWarning";

    /** @param options {@code --warn-error-options}, as YAML text or as it was read; none when null */
    public static WarningPolicy of(boolean isEachAnError, @Nullable Object options) {
        Map<?, ?> read = read(options);
        List<String> errors = new ArrayList<>(texts(read, "error"));
        errors.addAll(texts(read, "include"));
        List<String> warnings = new ArrayList<>(texts(read, "warn"));
        warnings.addAll(texts(read, "exclude"));
        if (isEachAnError) {
            errors.add("all");
        }
        return new WarningPolicy(Set.copyOf(errors), Set.copyOf(warnings), Set.copyOf(texts(read, "silence")));
    }

    private static Map<?, ?> read(@Nullable Object options) {
        Object read = options;
        if (options instanceof String text) {
            try {
                read = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            } catch (YAMLException e) {
                throw wrong(text);
            }
        }
        if (read == null) {
            return Map.of();
        }
        if (!(read instanceof Map<?, ?> map)) {
            throw wrong(String.valueOf(options));
        }
        for (Object key : map.keySet()) {
            if (!KEYS.contains(String.valueOf(key))) {
                throw wrong(String.valueOf(options));
            }
        }
        return map;
    }

    private static FreshetException wrong(String written) {
        return new FreshetException(
                ErrorKind.USER,
                "--warn-error-options must be a mapping with error, warn and silence, such as '{error: all, warn:"
                        + " [JinjaLogWarning]}', not '" + written + "'");
    }

    private static List<String> texts(Map<?, ?> options, String key) {
        Object value = options.get(key);
        List<String> texts = new ArrayList<>();
        if (value instanceof Collection<?> items) {
            items.forEach(item -> texts.add(String.valueOf(item)));
        } else if (value != null) {
            texts.add(String.valueOf(value));
        }
        return texts;
    }

    /** dbt's name of a warning, by which the options speak of it. */
    public static String name(String warning) {
        return NAMES.entrySet().stream()
                .filter(entry -> warning.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(OTHER);
    }

    /**
     * The warnings that are to be printed.
     *
     * @throws FreshetException USER when one of them is an error
     */
    public List<String> told(List<String> found) {
        List<String> told = new ArrayList<>();
        for (String warning : found) {
            String name = name(warning);
            if (isError(name)) {
                throw new FreshetException(
                        ErrorKind.USER, "a warning that --warn-error makes an error (" + name + "): " + warning);
            }
            if (!silent.contains(name)) {
                told.add(warning);
            }
        }
        return told;
    }

    private boolean isError(String name) {
        if (warnings.contains(name) || silent.contains(name)) {
            return false;
        }
        return errors.contains(name) || errors.stream().anyMatch(ALL::contains);
    }
}

package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says which of dbt's settings a project uses that have no effect, or none on what Freshet maintains: none is dropped without a word. */
public final class IgnoredSettings {

    /** What a delivered table is given beside its rows, where that is known how. */
    private static final List<String> FINISHING = List.of("pre_hook", "post_hook", "grants", "persist_docs", "indexes");

    private static final List<String> ALL =
            Stream.concat(FINISHING.stream(), Stream.of("contract")).toList();
    private static final List<String> PACKAGE_FILES = List.of("packages.yml", "dependencies.yml");

    private IgnoredSettings() {}

    /** One warning for each setting, however many models have it. */
    public static List<String> of(
            Path directory, boolean hasPackages, Collection<ParsedNode> nodes, Map<String, Model.Route> routes) {
        List<String> warnings = new ArrayList<>();
        if (!hasPackages) {
            missingPackages(directory).forEach((position, message) -> warnings.add(position + ": " + message));
        }
        Map<String, List<String>> users = new LinkedHashMap<>();
        for (ParsedNode model : nodes) {
            if (routes.get(model.uniqueId()) != Model.Route.MAINTAINED) {
                continue;
            }
            boolean isFinished = model.output().type().equals("postgres");
            for (String setting : isFinished ? List.of("contract") : ALL) {
                if (isSet(model.config().values().get(setting))) {
                    users.computeIfAbsent(setting, key -> new ArrayList<>())
                            .add(model.source().file());
                }
            }
        }
        users.forEach((setting, files) ->
                warnings.add(files.get(0) + ": '" + setting + "' has no effect on a maintained model yet"
                        + (files.size() == 1 ? "" : " (" + files.size() + " models use it)")));
        return warnings;
    }

    /** Whether a model has any of what its table is given beside its rows. */
    public static boolean finishing(Map<String, @Nullable Object> config) {
        return FINISHING.stream().anyMatch(setting -> isSet(config.get(setting)));
    }

    /** For a project without any installed package: where it asks for some. */
    public static Map<Position, String> missingPackages(Path directory) {
        Map<Position, String> missing = new LinkedHashMap<>();
        for (String name : PACKAGE_FILES) {
            Path file = directory.resolve(name);
            if (Files.exists(file)) {
                YamlMapping written = YamlFile.read(file, name);
                if (!written.list("packages").isEmpty()) {
                    missing.put(
                            written.keyPosition("packages"),
                            "its packages are not installed; run 'freshet deps' first");
                }
            }
        }
        return missing;
    }

    private static boolean isSet(@Nullable Object value) {
        return value != null
                && !Boolean.FALSE.equals(value)
                && !(value instanceof Collection<?> items && items.isEmpty())
                && !(value instanceof Map<?, ?> map && (map.isEmpty() || Boolean.FALSE.equals(map.get("enforced"))));
    }
}

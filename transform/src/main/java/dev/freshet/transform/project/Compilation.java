package dev.freshet.transform.project;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.execute.TargetFiles;
import dev.freshet.transform.project.manifest.Manifest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiled nodes and the manifest that tells of them.
 *
 * @param parsed nothing compiled in it
 * @param texts the SQL by unique id, in the order they were asked for
 */
public record Compilation(Manifest parsed, Map<String, String> texts, Path targetDirectory, Path projectDirectory) {

    public Compilation {
        texts = new LinkedHashMap<>(texts);
    }

    /**
     * Writes what dbt writes: {@code compiled/<package>/models/...} and manifest.json.
     *
     * @throws FreshetException USER when a file can't be written
     */
    public void write() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>(parsed.document());
        Map<String, Map<String, @Nullable Object>> nodes = new LinkedHashMap<>(parsed.section("nodes"));
        Map<String, Map<String, @Nullable Object>> unitTests = parsed.section("unit_tests");
        TargetFiles files = new TargetFiles(targetDirectory);
        texts.forEach((id, sql) -> {
            if (unitTests.containsKey(id)) {
                TargetFiles.write(files.of(TargetFiles.Kind.COMPILED, unitTests.getOrDefault(id, Map.of())), sql);
                return;
            }
            Map<String, @Nullable Object> node = new LinkedHashMap<>(nodes.getOrDefault(id, Map.of()));
            Path file = files.of(TargetFiles.Kind.COMPILED, node);
            TargetFiles.write(file, sql);
            node.put("compiled", true);
            node.put("compiled_code", sql);
            node.put("compiled_path", shown(file));
            node.put("extra_ctes_injected", true);
            nodes.put(id, node);
        });
        document.put("nodes", nodes);
        new Manifest(document).write(targetDirectory);
    }

    private String shown(Path file) {
        return (file.startsWith(projectDirectory) ? projectDirectory.relativize(file) : file)
                .toString()
                .replace('\\', '/');
    }
}

package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
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
        texts.forEach((id, sql) -> {
            if (unitTests.containsKey(id)) {
                write(fileOfUnitTest(unitTests.getOrDefault(id, Map.of())), sql);
                return;
            }
            Map<String, @Nullable Object> node = new LinkedHashMap<>(nodes.getOrDefault(id, Map.of()));
            Path file = file(node);
            write(file, sql);
            node.put("compiled", true);
            node.put("compiled_code", sql);
            node.put("compiled_path", shown(file));
            node.put("extra_ctes_injected", true);
            nodes.put(id, node);
        });
        document.put("nodes", nodes);
        new Manifest(document).write(targetDirectory);
    }

    /** A generic test has a file of its own below the properties file that asks for it. */
    private Path file(Map<String, @Nullable Object> node) {
        Path original = Path.of(String.valueOf(node.get("original_file_path")));
        Path path = Path.of(String.valueOf(node.get("path")));
        Path below = original.endsWith(path.getFileName()) ? original : original.resolve(path);
        return targetDirectory
                .resolve("compiled")
                .resolve(String.valueOf(node.get("package_name")))
                .resolve(below);
    }

    /** Below the properties file that it is written in, as dbt has it. */
    private Path fileOfUnitTest(Map<String, @Nullable Object> test) {
        Object version = test.get("version");
        return targetDirectory
                .resolve("compiled")
                .resolve(String.valueOf(test.get("package_name")))
                .resolve(String.valueOf(test.get("original_file_path")))
                .resolve("models")
                .resolve(test.get("name") + (version == null ? "" : "_v" + version) + ".sql");
    }

    private String shown(Path file) {
        return (file.startsWith(projectDirectory) ? projectDirectory.relativize(file) : file)
                .toString()
                .replace('\\', '/');
    }

    private static void write(Path file, String sql) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, sql);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be written: " + e.getMessage() + "; check the directory's rights",
                    e);
        }
    }
}

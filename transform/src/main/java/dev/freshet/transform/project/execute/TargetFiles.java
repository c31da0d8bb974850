package dev.freshet.transform.project.execute;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The texts of nodes below the target directory, at the places that dbt has for them. */
public record TargetFiles(Path targetDirectory) {

    /** What a text is. */
    public enum Kind {
        /** What a template gives. */
        COMPILED("compiled"),
        /** The statement that made it a relation. */
        RUN("run");

        private final String directory;

        Kind(String directory) {
            this.directory = directory;
        }
    }

    /** @param document of the manifest */
    public Path of(Kind kind, Map<String, ? extends @Nullable Object> document) {
        Path original = Path.of(String.valueOf(document.get("original_file_path")));
        Path below = original;
        if ("unit_test".equals(document.get("resource_type"))) {
            Object version = document.get("version");
            below = original.resolve("models")
                    .resolve(document.get("name") + (version == null ? "" : "_v" + version) + ".sql");
        } else {
            // A generic test has a file of its own below the properties file that asks for it.
            Path path = Path.of(String.valueOf(document.get("path")));
            below = original.endsWith(path.getFileName()) ? original : original.resolve(path);
        }
        return targetDirectory
                .resolve(kind.directory)
                .resolve(String.valueOf(document.get("package_name")))
                .resolve(below);
    }

    /** The file of one batch of a model. */
    public Path of(Kind kind, Map<String, ? extends @Nullable Object> document, Batch batch) {
        Path whole = of(kind, document);
        String name = whole.getFileName().toString();
        String stem = name.substring(0, name.length() - ".sql".length());
        return whole.resolveSibling(stem).resolve(stem + "_" + batch.id() + ".sql");
    }

    /** @throws FreshetException USER when it can't be written */
    public static void write(Path file, String sql) {
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

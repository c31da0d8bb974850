package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes compiled models where dbt writes them: {@code target/compiled/<project>/models/...}. */
public final class CompiledFiles {

    private CompiledFiles() {}

    /**
     * @return the files, in the order of the models
     * @throws FreshetException USER when a file can't be written
     */
    public static List<Path> write(Project project, List<Model> models) {
        Path root = project.targetDirectory().resolve("compiled").resolve(project.name());
        return models.stream()
                .map(model -> write(root.resolve(model.file()), model.sql()))
                .toList();
    }

    private static Path write(Path file, String sql) {
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, sql);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be written: " + e.getMessage() + "; check the directory's rights",
                    e);
        }
    }
}

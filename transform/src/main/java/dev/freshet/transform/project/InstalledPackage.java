package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.config.ProjectFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A package that {@code dbt deps} put into the project. Its macros are used; its models are not read.
 *
 * @param directory relative to the project
 * @param macroPaths relative to the project
 */
record InstalledPackage(String name, String directory, List<String> macroPaths) {

    private static final String DIRECTORY = "dbt_packages";

    /** In the order of their directories. */
    static List<InstalledPackage> of(Path project) {
        Path packages = project.resolve(DIRECTORY);
        if (!Files.isDirectory(packages)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(packages)) {
            return directories
                    .filter(directory -> Files.isRegularFile(directory.resolve(ProjectFile.FILE)))
                    .sorted()
                    .map(InstalledPackage::read)
                    .toList();
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + packages + "' can't be read: " + e.getMessage(), e);
        }
    }

    private static InstalledPackage read(Path location) {
        ProjectFile file = ProjectFile.read(location);
        String directory = DIRECTORY + "/" + location.getFileName();
        return new InstalledPackage(
                file.name(),
                directory,
                file.macroPaths().stream().map(path -> directory + "/" + path).toList());
    }
}

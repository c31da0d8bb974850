package dev.freshet.transform.project.node;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.config.ProjectFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The project itself, or a package that {@code deps} put into it.
 *
 * @param directory relative to the project, empty for the project itself
 */
public record ProjectPackage(String directory, ProjectFile file, ProjectFiles files) {

    /** The name of its project file. */
    public String name() {
        return file.name();
    }

    /** Whether it is the project itself. */
    public boolean isRoot() {
        return directory.isEmpty();
    }

    static ProjectPackage root(Path project, ProjectFile file) {
        return new ProjectPackage("", file, new ProjectFiles(project, ""));
    }

    /** By name, the project first, then the packages in the order of their directories. */
    public static Map<String, ProjectPackage> all(Path project, ProjectFile file) {
        Map<String, ProjectPackage> all = new LinkedHashMap<>();
        all.put(file.name(), root(project, file));
        for (Path location : directories(project.resolve(file.packagesInstallPath()))) {
            String directory = file.packagesInstallPath() + "/" + location.getFileName();
            ProjectFile own = ProjectFile.read(location, directory + "/" + ProjectFile.FILE);
            ProjectPackage installed = new ProjectPackage(directory, own, new ProjectFiles(project, directory));
            if (all.putIfAbsent(own.name(), installed) != null) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "'" + directory + "' is a second package named '" + own.name() + "'; remove one of the two");
            }
        }
        return all;
    }

    private static List<Path> directories(Path packages) {
        if (!Files.isDirectory(packages)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(packages)) {
            return new ArrayList<>(directories
                    .filter(directory -> Files.isRegularFile(directory.resolve(ProjectFile.FILE)))
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + packages + "' can't be read: " + e.getMessage(), e);
        }
    }
}

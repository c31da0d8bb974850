package dev.freshet.transform.project;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.config.ProjectFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes what {@code clean-targets:} of dbt_project.yml lists, never anything outside the project or one of its own sources. */
public final class CleanTargets {

    private CleanTargets() {}

    /** As {@link #remove(Path, List)} while nothing is in use. */
    public static List<String> remove(Path project) {
        return remove(project, List.of());
    }

    /**
     * @param inUse directories that somebody works in now
     * @return the removed directories, relative to the project
     * @throws FreshetException USER when a target is not the project's to remove; then nothing is removed
     */
    public static List<String> remove(Path project, List<Path> inUse) {
        Path root = project.toAbsolutePath().normalize();
        ProjectFile file = ProjectFile.read(root);
        List<Path> sources = new ArrayList<>(List.of(root));
        for (List<String> some : List.of(
                file.modelPaths(),
                file.seedPaths(),
                file.snapshotPaths(),
                file.macroPaths(),
                file.testPaths(),
                file.analysisPaths())) {
            some.forEach(path -> sources.add(root.resolve(path).normalize()));
        }
        for (String target : file.cleanTargets()) {
            Path directory = root.resolve(target).normalize();
            if (!directory.startsWith(root)) {
                throw mistake(target, "lies outside the project");
            }
            if (sources.stream().anyMatch(source -> source.startsWith(directory))) {
                throw mistake(target, "holds the project's own files");
            }
            if (inUse.stream()
                    .anyMatch(path -> path.toAbsolutePath().normalize().startsWith(directory))) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "'" + target + "' of 'clean-targets' is in use by the project's running service: nothing was"
                                + " removed; stop the service first, or take it off the list");
            }
        }
        List<String> removed = new ArrayList<>();
        for (String target : file.cleanTargets()) {
            if (delete(root.resolve(target).normalize())) {
                removed.add(target);
            }
        }
        return removed;
    }

    private static FreshetException mistake(String target, String why) {
        return new FreshetException(
                ErrorKind.USER,
                ProjectFile.FILE + ": 'clean-targets' names '" + target + "', which " + why
                        + ": nothing was removed; take it off the list");
    }

    private static boolean delete(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
            return true;
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + directory + "' can't be removed: " + e.getMessage(), e);
        }
    }
}

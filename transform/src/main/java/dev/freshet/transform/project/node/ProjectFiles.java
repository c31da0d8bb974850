package dev.freshet.transform.project.node;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of a project. */
public final class ProjectFiles {

    /** Deeper than any real project, and an end for links that lead in circles. */
    private static final int DEEPEST = 64;

    /**
     * @param path relative to the project, with forward slashes
     * @param original relative to the package that it is part of
     * @param directories those below the searched root
     */
    public record Found(Path location, String path, String original, List<String> directories) {

        /** The name without its ending. */
        public String baseName() {
            String name = path.substring(path.lastIndexOf('/') + 1);
            return name.substring(0, name.lastIndexOf('.'));
        }

        /** Relative to the searched root. */
        public String pathBelowRoot() {
            String name = path.substring(path.lastIndexOf('/') + 1);
            return directories.isEmpty() ? name : String.join("/", directories) + "/" + name;
        }
    }

    /** Files of editors and systems, which dbt leaves out too. */
    private static final String HIDDEN = ".#~";

    private final Path project;
    private final Path root;
    private final IgnoredFiles ignored;

    /** @param directory of the package, relative to the project */
    ProjectFiles(Path project, String directory) {
        this.project = project;
        this.root = project.resolve(directory);
        this.ignored = IgnoredFiles.read(root);
    }

    /** The files under these directories of the project with one of these endings, in the order of their paths; a missing directory is empty. */
    public List<Found> under(List<String> roots, String... endings) {
        List<Found> found = new ArrayList<>();
        for (String root : roots) {
            Path directory = this.root.resolve(root).normalize();
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (Stream<Path> walk = Files.walk(directory, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
                walk.filter(Files::isRegularFile)
                        .filter(file -> endsWithOneOf(file.getFileName().toString(), endings))
                        .filter(file -> !ignored.contain(slashes(this.root.relativize(file))))
                        .sorted()
                        .forEach(file -> found.add(found(directory, file)));
            } catch (IOException | UncheckedIOException e) {
                throw new FreshetException(ErrorKind.USER, "'" + directory + "' can't be read: " + e.getMessage(), e);
            }
        }
        return found;
    }

    /** One file of the package. */
    public Found at(String original) {
        return found(root, root.resolve(original));
    }

    private Found found(Path directory, Path file) {
        String path = slashes(project.relativize(file));
        String original = slashes(root.relativize(file));
        List<String> directories = new ArrayList<>();
        Path parent = directory.relativize(file).getParent();
        if (parent != null) {
            parent.forEach(part -> directories.add(part.toString()));
        }
        return new Found(file, path, original, List.copyOf(directories));
    }

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    private static boolean endsWithOneOf(String name, String... endings) {
        if (HIDDEN.indexOf(name.charAt(0)) >= 0) {
            return false;
        }
        for (String ending : endings) {
            if (name.endsWith(ending) && name.length() > ending.length()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What a file says.
     *
     * @throws FreshetException USER when it is not UTF-8 or can't be read
     */
    public static String text(Found file) {
        try {
            return Files.readString(file.location());
        } catch (MalformedInputException e) {
            throw new FreshetException(ErrorKind.USER, file.path() + ":1: this file is not UTF-8: save it as UTF-8", e);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER, file.path() + ":1: this file can't be read: " + e.getMessage(), e);
        }
    }
}

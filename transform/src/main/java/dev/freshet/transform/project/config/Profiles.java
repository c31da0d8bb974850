package dev.freshet.transform.project.config;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds profiles.yml and reads one profile of it. */
public final class Profiles {

    private static final String FILE = "profiles.yml";

    private Profiles() {}

    /**
     * Which profile is wanted.
     *
     * @param written where the project names it; empty when the command line does
     */
    public record Wanted(String name, Optional<Position> written) {

        FreshetException mistake(String message) {
            return written.map(position -> position.mistake(message))
                    .orElseGet(() -> new FreshetException(ErrorKind.USER, message));
        }
    }

    /**
     * @param directory {@code --profiles-dir}; when given nothing else is searched
     * @param chosenTarget {@code --target}
     */
    public static Profile read(
            Path project,
            Optional<Path> directory,
            Path home,
            Wanted profile,
            Optional<String> chosenTarget,
            TextRenderer renderer) {
        List<Path> searched = directory
                .map(List::of)
                .orElseGet(
                        () -> List.of(project, home.resolve(".freshet"), home.resolve(".dvt"), home.resolve(".dbt")));
        for (Path candidate : searched) {
            Path file = candidate.resolve(FILE);
            if (Files.isRegularFile(file)) {
                String name = candidate.equals(project) ? FILE : file.toString();
                return Profile.of(YamlFile.read(file, name), name, profile, chosenTarget, renderer);
            }
        }
        String places = searched.stream().map(path -> "'" + path + "'").collect(Collectors.joining(", "));
        throw profile.mistake("no " + FILE + " with the profile '" + profile.name() + "' was found in " + places
                + ": create it there or name its directory with --profiles-dir");
    }
}

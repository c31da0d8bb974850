package dev.freshet.transform.project;

import dev.freshet.transform.project.partial.PartialParsing;
import dev.freshet.transform.project.render.CommandFlags;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a dbt project from its directory: files, then a first rendering that finds configuration and references, then the graph and where each
 * model runs, then a second rendering that gives the SQL.
 */
public final class ProjectLoader {

    private ProjectLoader() {}

    /**
     * What the command line and the environment say.
     *
     * @param profilesDir {@code --profiles-dir}, else profiles.yml is searched in the project, {@code ~/.freshet}, {@code ~/.dvt}, {@code ~/.dbt}
     * @param maintainAll under {@code serve}: models whose inputs are all captured tables are maintained even when they could be pushed down
     * @param environment what {@code env_var} sees
     */
    public record Options(
            Optional<Path> profilesDir,
            Optional<String> profile,
            Optional<String> target,
            Map<String, Object> vars,
            Map<String, String> environment,
            Path home,
            boolean maintainAll,
            boolean fullRefresh,
            Instant startedAt,
            CommandFlags flags) {

        /** Without flags. */
        public Options(
                Optional<Path> profilesDir,
                Optional<String> profile,
                Optional<String> target,
                Map<String, Object> vars,
                Map<String, String> environment,
                Path home,
                boolean maintainAll,
                boolean fullRefresh,
                Instant startedAt) {
            this(
                    profilesDir,
                    profile,
                    target,
                    vars,
                    environment,
                    home,
                    maintainAll,
                    fullRefresh,
                    startedAt,
                    CommandFlags.NONE);
        }

        /** Without the environment and the variables, which may hold secrets. */
        @Override
        public String toString() {
            return "Options[profile=" + profile + ", target=" + target + ", startedAt=" + startedAt + "]";
        }
    }

    /**
     * @throws dev.freshet.state.FreshetException USER with file, line and remedy; when several things are wrong, all of them in one message
     */
    public static Project load(Path directory, Options options) {
        return parse(directory, options, "run").compile();
    }

    /**
     * Only the first rendering, as {@code parse} and {@code ls} need it.
     *
     * @param command the command that templates see as {@code flags.WHICH}
     *
     * @throws dev.freshet.state.FreshetException USER with file, line and remedy; when several things are wrong, all of them in one message
     */
    public static ParsedProject parse(Path directory, Options options, String command) {
        return parse(directory, options, command, PartialParsing.OFF);
    }

    /**
     * Like {@link #parse(Path, Options, String)}.
     *
     * @param partial whether what the last load found out is used, and what this one finds out kept in the target directory
     */
    public static ParsedProject parse(Path directory, Options options, String command, PartialParsing partial) {
        return new ProjectLoad(directory.toAbsolutePath().normalize(), options, command, partial).project();
    }
}

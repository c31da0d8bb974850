package dev.freshet.deploy.cli.options;

import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.live.Served;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.config.ProjectFile;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.partial.PartialParsing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options by which every command finds its project, named as dbt names them. */
public final class ProjectOptions {

    /** The command that these are options of. */
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec mixee;

    @Option(
            names = "--project-dir",
            paramLabel = "DIR",
            defaultValue = "${env:DBT_PROJECT_DIR}",
            description = "Where dbt_project.yml is. Default: this directory or the nearest one above that has it.")
    @Nullable
    public Path projectDir;

    @Option(
            names = "--profiles-dir",
            paramLabel = "DIR",
            defaultValue = "${env:DBT_PROFILES_DIR}",
            description = "Where profiles.yml is. Default: the project, ~/.freshet, ~/.dvt, ~/.dbt.")
    @Nullable
    Path profilesDir;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "${env:DBT_PROFILE}",
            description = "Which profile to use.")
    @Nullable
    String profile;

    @Option(
            names = {"-t", "--target"},
            paramLabel = "NAME",
            defaultValue = "${env:DBT_TARGET}",
            description = "Which output of the profile is the default one.")
    @Nullable
    public String target;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:DBT_THREADS}",
            description =
                    "How many nodes run side by side, 'threads' of the output unless given. Compiling is one thread.")
    @Nullable
    public Integer threads;

    @Option(
            names = "--vars",
            paramLabel = "YAML",
            description = "Variables for the project, as a YAML mapping: '{a: 1}'.")
    @Nullable
    String vars;

    @Option(
            names = "--partial-parse",
            negatable = true,
            description = "Render only what changed since the last parse. Default: what DBT_PARTIAL_PARSE says, else"
                    + " 'partial_parse' under flags in dbt_project.yml, else yes.")
    @Nullable
    Boolean partialParse;

    /** What a command's own options say to templates, by dbt's names. */
    public final Map<String, Object> flags = new LinkedHashMap<>();

    private final Map<String, Object> earlierVariables = new LinkedHashMap<>();

    /** @throws FreshetException USER when no project is named, here or above */
    public Path directory() {
        if (projectDir != null) {
            return projectDir.toAbsolutePath().normalize();
        }
        Path here = Path.of("").toAbsolutePath();
        for (Path at = here; at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("dbt_project.yml"))) {
                return at;
            }
        }
        throw new FreshetException(
                ErrorKind.USER,
                "no dbt_project.yml in '" + here
                        + "' or above it: go to your dbt project, or name it with --project-dir");
    }

    /** Loads the project for the service, which maintains whatever it can capture. */
    public Served loadForService() {
        ParsedProject parsed = parseForService();
        return new Served(served(parsed), Optional.of(parsed));
    }

    /** What the service has to do with; templates may ask the outputs. */
    public static Project served(ParsedProject parsed) {
        try (Databases databases = Databases.connecting()) {
            return parsed.compile(parsed.servedIds(), databases);
        }
    }

    /** The project as the service sees it, before its templates are compiled. */
    public ParsedProject parseForService() {
        return parse(true, false, "run");
    }

    /** Only the first rendering. */
    public ParsedProject parse(String command, boolean fullRefresh) {
        return parse(false, fullRefresh, command);
    }

    private ParsedProject parse(boolean maintainAll, boolean fullRefresh, String command) {
        Path directory = directory();
        RootCommand root = root();
        root.globals().project(ProjectFile.flags(directory));
        root.globals().applyTo(root.terminal());
        root.globals().logPath().ifPresent(path -> LogFile.open(directory, path));
        return ProjectLoader.parse(directory, options(maintainAll, fullRefresh), command, partialParsing());
    }

    private PartialParsing partialParsing() {
        return PartialParsing.of(
                Optional.ofNullable(partialParse), Optional.ofNullable(System.getenv("DBT_PARTIAL_PARSE")));
    }

    /** What templates may ask while they are compiled: nothing with {@code --no-introspect}. */
    public Databases databases() {
        return root().globals().introspects() ? Databases.connecting() : Databases.none();
    }

    private RootCommand root() {
        if (mixee != null && mixee.root().userObject() instanceof RootCommand command) {
            return command;
        }
        throw new IllegalStateException("project options are those of a command");
    }

    /** All models and kept snapshots, for a command that builds them; their templates may ask the outputs. */
    public static Project compiled(ParsedProject parsed) {
        try (Databases databases = Databases.connecting()) {
            return parsed.compile(parsed.keptIds(), databases);
        }
    }

    private ProjectLoader.Options options(boolean maintainAll, boolean fullRefresh) {
        return new ProjectLoader.Options(
                Optional.ofNullable(profilesDir).map(dir -> dir.toAbsolutePath().normalize()),
                Optional.ofNullable(profile),
                Optional.ofNullable(target),
                variables(),
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                maintainAll,
                fullRefresh,
                Instant.now(),
                root().globals().flags(root().terminal(), threads, flags));
    }

    /** Where the artifacts of the last run are, before the project is parsed. */
    public Path targetDirectory() {
        Path directory = directory();
        root().globals().project(ProjectFile.flags(directory));
        return directory
                .resolve(root().globals()
                        .flags(root().terminal(), threads, flags)
                        .targetPath()
                        .orElseGet(() -> Path.of(ProjectFile.read(directory).targetPath())))
                .normalize();
    }

    /** {@code --vars}, or those of the run that this one is like. */
    public Map<String, Object> variables() {
        return vars == null ? earlierVariables : mapping("--vars", vars);
    }

    /** What another run needs to know to be one like this. */
    public Map<String, Object> remembered() {
        Map<String, Object> remembered = new LinkedHashMap<>(flags);
        remembered.put("vars", variables());
        if (target != null) {
            remembered.put("target", target);
        }
        if (profile != null) {
            remembered.put("profile", profile);
        }
        return remembered;
    }

    /** Whatever is not said differently is as it was in an earlier run. */
    public void likeBefore(Map<String, Object> remembered) {
        if (remembered.get("vars") instanceof Map<?, ?> variables) {
            variables.forEach((key, value) -> earlierVariables.put(String.valueOf(key), value));
        }
        target = target == null && remembered.get("target") instanceof String name ? name : target;
        profile = profile == null && remembered.get("profile") instanceof String name ? name : profile;
        for (String flag : List.of("empty", "store_failures")) {
            if (Boolean.TRUE.equals(remembered.get(flag))) {
                flags.put(flag, true);
            }
        }
    }

    /** A mapping written in YAML, as an option's value. */
    public static Map<String, Object> mapping(String option, @Nullable String vars) {
        if (vars == null || vars.isBlank()) {
            return Map.of();
        }
        Object parsed;
        try {
            parsed = new Yaml(new SafeConstructor(new LoaderOptions())).load(vars);
        } catch (YAMLException e) {
            throw new FreshetException(ErrorKind.USER, option + " is not valid YAML: '" + vars + "'", e);
        }
        if (!(parsed instanceof Map<?, ?> map)) {
            throw new FreshetException(
                    ErrorKind.USER, option + " must be a mapping such as '{a: 1}', not '" + vars + "'");
        }
        Map<String, Object> variables = new LinkedHashMap<>();
        map.forEach((key, value) -> variables.put(String.valueOf(key), value));
        return variables;
    }
}

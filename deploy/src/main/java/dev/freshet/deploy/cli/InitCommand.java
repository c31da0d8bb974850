package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        description =
                "Start a project: in a new directory with a name, or add what Freshet needs to the dbt project you have."
                        + " Files that exist are never changed.",
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String PLACEHOLDER = "my_project";
    private static final String SETTINGS = "freshet.yml";

    /** By file of the project the file of ours that it is made from. */
    private static final Map<String, String> FILES = new LinkedHashMap<>();

    static {
        for (String file :
                List.of("dbt_project.yml", "profiles.yml", "models/sources.yml", "models/orders_copy.sql", SETTINGS)) {
            FILES.put(file, file);
        }
        FILES.put(".gitignore", "gitignore");
    }

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            description = "Of the new project and its directory: letters, digits and underscores.")
    @Nullable
    String name;

    InitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        if (name == null) {
            addTo(options.directory());
        } else {
            create(name);
        }
        return 0;
    }

    private void create(String project) {
        if (!NAME.matcher(project).matches()) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + project + "' is not a project name: use letters, digits and underscores");
        }
        Path parent = options.projectDir == null ? Path.of("") : options.projectDir;
        Path directory = parent.resolve(project).toAbsolutePath().normalize();
        if (Files.exists(directory.resolve("dbt_project.yml"))) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + directory + "' is a dbt project already: run 'freshet init' in it to add what is missing");
        }
        List<String> written = new ArrayList<>();
        FILES.forEach((file, template) -> {
            if (write(directory.resolve(file), text(template).replace(PLACEHOLDER, project))) {
                written.add(file);
            }
        });
        terminal.line("Created project '" + project + "' in '" + directory + "': " + String.join(", ", written));
        terminal.line(
                "1. Say in profiles.yml where the databases are, and in models/sources.yml which tables you read");
        terminal.line("2. freshet debug   checks the connections and prints the rights that are missing");
        terminal.line("3. freshet serve   keeps the models fresh");
    }

    private void addTo(Path directory) {
        List<String> added = new ArrayList<>();
        for (String file : List.of(SETTINGS, ".gitignore")) {
            if (write(directory.resolve(file), text(FILES.getOrDefault(file, file)))) {
                added.add(file);
            }
        }
        terminal.line(
                added.isEmpty()
                        ? "'" + directory + "' has everything"
                        : "Added " + String.join(", ", added) + " to '" + directory + "'");
        terminal.line("1. Name the database of each source with 'connection:', an output in profiles.yml");
        terminal.line("2. freshet debug   checks the connections and prints the rights that are missing");
        terminal.line("3. freshet serve   keeps the models fresh");
        terminal.line("Run-time data lives in .freshet/: keep it out of version control");
    }

    /** @return false when there is such a file: it stays as it is */
    private static boolean write(Path file, String text) {
        if (Files.exists(file)) {
            return false;
        }
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return true;
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be written: " + e.getMessage(), e);
        }
    }

    private static String text(String template) {
        try (InputStream in = InitCommand.class.getResourceAsStream("init/" + template)) {
            if (in == null) {
                throw new IllegalStateException("the distribution lacks 'init/" + template + "'");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.INTERNAL, "'init/" + template + "' can't be read", e);
        }
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "run-operation", description = "Call one macro.", mixinStandardHelpOptions = true)
final class RunOperationCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Parameters(paramLabel = "MACRO", description = "Its name, or package.name.")
    String macro = "";

    @Option(names = "--args", paramLabel = "YAML", description = "Its arguments, as a YAML mapping: '{role: reader}'.")
    @Nullable
    String arguments;

    RunOperationCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse("run-operation", false);
        Headline.found(terminal, project);
        LogFile.open(project.directory());
        Map<String, Object> given = ProjectOptions.mapping("--args", arguments);
        try (Databases live = Databases.live()) {
            project.execution().commentAsMain(live);
            Object unused = project.execution().operation(macro, given, live);
        } catch (FreshetException e) {
            throw new FreshetException(
                    e.kind() == ErrorKind.INTERNAL ? ErrorKind.INTERNAL : ErrorKind.USER,
                    "Encountered an error while running operation: " + e.getMessage(),
                    e);
        }
        return 0;
    }
}

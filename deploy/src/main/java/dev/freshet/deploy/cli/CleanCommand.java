package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.transform.project.CleanTargets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "clean",
        description = "Remove the directories that clean-targets: of dbt_project.yml lists.",
        mixinStandardHelpOptions = true)
final class CleanCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    CleanCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ServiceSettings settings = SettingsFile.read(options.directory());
        List<Path> inUse = ServiceClient.find(settings.directory()).isPresent()
                ? List.of(settings.directory(), settings.stagingDirectory())
                : List.of();
        List<String> removed = CleanTargets.remove(options.directory(), inUse);
        removed.forEach(path -> terminal.line("Cleaned " + path));
        terminal.line("Finished cleaning all paths.");
        return 0;
    }
}

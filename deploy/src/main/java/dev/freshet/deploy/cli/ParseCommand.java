package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.ParsedProject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "parse",
        description = "Read the project, say what is wrong with it, and write target/manifest.json.",
        mixinStandardHelpOptions = true)
final class ParseCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    ParseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse("parse", false);
        Headline.found(terminal, project);
        project.manifest().write(project.targetDirectory());
        return 0;
    }
}

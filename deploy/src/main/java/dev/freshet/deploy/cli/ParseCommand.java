package dev.freshet.deploy.cli;

import dev.freshet.transform.project.Project;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "parse",
        description = "Read the project and say what is wrong with it.",
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
        Project project = options.load(false);
        Headline.found(terminal, project);
        return 0;
    }
}

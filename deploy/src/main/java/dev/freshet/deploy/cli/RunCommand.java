package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.node.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(name = "run", description = "Build the selected models once, as dbt does.", mixinStandardHelpOptions = true)
final class RunCommand extends ModelCommand {

    RunCommand(Terminal terminal) {
        super(terminal, "run", Set.of(ResourceType.MODEL));
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.node.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(name = "seed", description = "Load the files of rows that are seeds.", mixinStandardHelpOptions = true)
final class SeedCommand extends RebuildingCommand {

    SeedCommand(Terminal terminal) {
        super(terminal, "seed", Set.of(ResourceType.SEED));
    }
}

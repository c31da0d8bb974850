package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.node.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(
        name = "snapshot",
        description = "Record what has changed since the last time.",
        mixinStandardHelpOptions = true)
final class SnapshotCommand extends NodeCommand {

    SnapshotCommand(Terminal terminal) {
        super(terminal, "snapshot", Set.of(ResourceType.SNAPSHOT));
    }
}

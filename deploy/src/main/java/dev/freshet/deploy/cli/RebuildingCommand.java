package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.node.ResourceType;
import java.util.Set;
import picocli.CommandLine.Option;

/** A command whose nodes may keep history, and so may be told to begin it anew. */
abstract class RebuildingCommand extends NodeCommand {

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Rebuild from scratch what keeps history.")
    boolean fullRefresh;

    RebuildingCommand(Terminal terminal, String name, Set<ResourceType> types) {
        super(terminal, name, types);
    }

    @Override
    boolean isFullRefresh() {
        return fullRefresh;
    }
}

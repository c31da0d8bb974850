package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "run", description = "Build the selected models once, as dbt does.", mixinStandardHelpOptions = true)
final class RunCommand extends NodeCommand {

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Rebuild from scratch what keeps history.")
    boolean fullRefresh;

    RunCommand(Terminal terminal) {
        super(terminal, "run", Set.of(ResourceType.MODEL));
    }

    @Override
    boolean isFullRefresh() {
        return fullRefresh;
    }
}

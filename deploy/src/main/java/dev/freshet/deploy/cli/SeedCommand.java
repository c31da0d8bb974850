package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "seed", description = "Load the files of rows that are seeds.", mixinStandardHelpOptions = true)
final class SeedCommand extends NodeCommand {

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Rebuild from scratch what keeps history.")
    boolean fullRefresh;

    SeedCommand(Terminal terminal) {
        super(terminal, "seed", Set.of(ResourceType.SEED));
    }

    @Override
    boolean isFullRefresh() {
        return fullRefresh;
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "build",
        description =
                "Run seeds, models, snapshots and tests in the order of the graph; what reads a model whose test fails is skipped.",
        mixinStandardHelpOptions = true)
final class BuildCommand extends NodeCommand {

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Rebuild from scratch what keeps history.")
    boolean fullRefresh;

    BuildCommand(Terminal terminal) {
        super(
                terminal,
                "build",
                Set.of(ResourceType.SEED, ResourceType.MODEL, ResourceType.SNAPSHOT, ResourceType.TEST));
    }

    @Override
    boolean isFullRefresh() {
        return fullRefresh;
    }
}

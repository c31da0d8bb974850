package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.GlobalOptions;
import dev.freshet.deploy.cli.options.ResourceTypeOptions;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.node.ResourceType;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "build",
        description =
                "Run seeds, models, snapshots and tests in the order of the graph; what reads a model whose test fails is skipped.",
        mixinStandardHelpOptions = true)
final class BuildCommand extends ModelCommand {

    @Mixin
    ResourceTypeOptions resourceTypes = new ResourceTypeOptions();

    @Option(
            names = "--store-failures",
            negatable = true,
            converter = GlobalOptions.Truth.class,
            defaultValue = "${env:DBT_STORE_FAILURES:-false}",
            description = "Keep the rows that fail a test in a table.")
    boolean storeFailures;

    BuildCommand(Terminal terminal) {
        super(
                terminal,
                "build",
                Set.of(
                        ResourceType.SEED,
                        ResourceType.MODEL,
                        ResourceType.SNAPSHOT,
                        ResourceType.TEST,
                        ResourceType.UNIT_TEST,
                        ResourceType.EXPOSURE));
    }

    @Override
    Set<ResourceType> types() {
        return chosen(super.types(), resourceTypes);
    }

    @Override
    Map<String, Object> flags() {
        return storeFailures ? Map.of("store_failures", true) : Map.of();
    }
}

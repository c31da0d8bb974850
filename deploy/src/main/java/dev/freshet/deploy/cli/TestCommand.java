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

@Command(name = "test", description = "Run the selected tests.", mixinStandardHelpOptions = true)
final class TestCommand extends NodeCommand {

    @Mixin
    ResourceTypeOptions resourceTypes = new ResourceTypeOptions();

    @Option(
            names = "--store-failures",
            negatable = true,
            converter = GlobalOptions.Truth.class,
            defaultValue = "${env:DBT_STORE_FAILURES:-false}",
            description = "Keep the rows that fail a test in a table.")
    boolean storeFailures;

    TestCommand(Terminal terminal) {
        super(terminal, "test", Set.of(ResourceType.TEST, ResourceType.UNIT_TEST));
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

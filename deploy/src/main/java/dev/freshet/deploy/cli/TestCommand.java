package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "test", description = "Run the selected tests.", mixinStandardHelpOptions = true)
final class TestCommand extends NodeCommand {

    @Option(
            names = "--store-failures",
            negatable = true,
            defaultValue = "${env:DBT_STORE_FAILURES:-false}",
            description = "Keep the rows that fail a test in a table.")
    boolean storeFailures;

    TestCommand(Terminal terminal) {
        super(terminal, "test", Set.of(ResourceType.TEST, ResourceType.UNIT_TEST));
    }

    @Override
    Map<String, Object> flags() {
        return storeFailures ? Map.of("store_failures", true) : Map.of();
    }
}

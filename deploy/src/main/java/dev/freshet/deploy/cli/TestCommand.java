package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(name = "test", description = "Run the selected tests.", mixinStandardHelpOptions = true)
final class TestCommand extends NodeCommand {

    TestCommand(Terminal terminal) {
        super(terminal, "test", Set.of(ResourceType.TEST, ResourceType.UNIT_TEST));
    }
}

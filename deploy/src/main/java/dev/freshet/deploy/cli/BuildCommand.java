package dev.freshet.deploy.cli;

import dev.freshet.transform.project.ResourceType;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(
        name = "build",
        description =
                "Run seeds, models, snapshots and tests in the order of the graph; what reads a model whose test fails is skipped.",
        mixinStandardHelpOptions = true)
final class BuildCommand extends ModelCommand {

    BuildCommand(Terminal terminal) {
        super(
                terminal,
                "build",
                Set.of(
                        ResourceType.SEED,
                        ResourceType.MODEL,
                        ResourceType.SNAPSHOT,
                        ResourceType.TEST,
                        ResourceType.UNIT_TEST));
    }
}

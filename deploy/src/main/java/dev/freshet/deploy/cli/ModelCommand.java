package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.WindowOptions;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;

/** A command that builds models: what they read may be a sample, and their batches those of a window. */
abstract class ModelCommand extends RebuildingCommand {

    @Mixin
    WindowOptions windows = new WindowOptions();

    ModelCommand(Terminal terminal, String name, Set<ResourceType> types) {
        super(terminal, name, types);
    }

    @Override
    Optional<EventWindow> sample(Instant now) {
        return windows.sample(now);
    }

    @Override
    Optional<EventWindow> eventTimes() {
        return windows.eventTimes();
    }
}

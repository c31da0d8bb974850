package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.service.ServiceClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description =
                "Show what the project's running service does: freshness, rows, and whatever is wrong with its reason.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ServiceClient service = options.service();
        JsonNode status = service.status();
        if (options.json) {
            terminal.plain(status.toPrettyString());
        } else {
            StatusTable.of(status, service.url()).forEach(terminal::plain);
        }
        return 0;
    }
}

package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.cli.options.ServiceOptions;
import dev.freshet.deploy.cli.terminal.FailureTable;
import dev.freshet.deploy.cli.terminal.StatusTable;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.service.ServiceClient;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description =
                "Show what the project's running service does: freshness, rows, and whatever is wrong with its reason.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--test",
            paramLabel = "NAME",
            description =
                    "Show the rows at which a data test fails now, also when they are held back from their target.")
    @Nullable
    String test;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many of them. Default: 20.")
    int limit;

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ServiceClient service = options.service();
        if (test != null) {
            JsonNode failures = service.failures(test, limit);
            if (options.json) {
                terminal.plain(failures.toPrettyString());
            } else {
                FailureTable.of(failures).forEach(terminal::plain);
            }
            return 0;
        }
        JsonNode status = service.status();
        if (options.json) {
            terminal.plain(status.toPrettyString());
        } else {
            StatusTable.of(status, service.url()).forEach(terminal::plain);
        }
        return 0;
    }
}

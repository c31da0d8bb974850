package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.cli.options.ServiceOptions;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.service.ServiceClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description = "Let go on what 'pause' stopped; it catches up by itself.",
        mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = "",
            paramLabel = "WHAT",
            description =
                    "A model or a target, 'model:NAME' or 'target:NAME' where both have the name. Default: everything.")
    String what = "";

    ResumeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ServiceClient service = options.service();
        ServiceOptions.Subject subject = ServiceOptions.Subject.of(what, service.status());
        JsonNode pauses = service.resume(subject.model(), subject.target());
        if (options.json) {
            terminal.plain(pauses.toPrettyString());
        } else {
            terminal.line(what.isEmpty() ? "Resumed everything" : "Resumed " + subject.text());
            terminal.line(ServiceOptions.paused(pauses));
        }
        return 0;
    }
}

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
        name = "pause",
        description = "Leave a model, a target or the whole pipeline alone until 'resume'. Capture goes on.",
        mixinStandardHelpOptions = true)
final class PauseCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = "",
            paramLabel = "WHAT",
            description =
                    "A model or a target, 'model:NAME' or 'target:NAME' where both have the name. Default: the pipeline's cycle.")
    String what = "";

    PauseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ServiceClient service = options.service();
        ServiceOptions.Subject subject = ServiceOptions.Subject.of(what, service.status());
        JsonNode pauses = service.pause(subject.model(), subject.target());
        if (options.json) {
            terminal.plain(pauses.toPrettyString());
        } else {
            terminal.line("Paused " + subject.text());
            terminal.line(ServiceOptions.paused(pauses));
        }
        return 0;
    }
}

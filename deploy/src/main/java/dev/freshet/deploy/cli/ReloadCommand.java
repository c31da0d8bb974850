package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.cli.options.ServiceOptions;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.service.ServiceClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "reload",
        description =
                "Let the running service parse the project anew and activate it. When that fails, it goes on with the version it has.",
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(names = "--preview", description = "Only tell what would change.")
    boolean preview;

    ReloadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ServiceClient service = options.service();
        if (!preview && !options.json) {
            // Told first: activating may take as long as a drain.
            tell(service.previewReload());
        }
        JsonNode reload = preview ? service.previewReload() : service.reload();
        if (options.json) {
            terminal.plain(reload.toPrettyString());
        } else if (preview) {
            tell(reload);
        } else {
            terminal.line("The service runs the new version");
        }
        return 0;
    }

    private void tell(JsonNode reload) {
        boolean any = tell(reload.path("added"), "New")
                | tell(reload.path("changed"), "Computed again")
                | tell(reload.path("following"), "Following by their difference")
                | tell(reload.path("removed"), "No longer kept");
        if (!any) {
            terminal.line("No model changes");
        }
    }

    private boolean tell(JsonNode names, String title) {
        List<String> models = new ArrayList<>();
        names.forEach(name -> models.add(name.asText()));
        if (!models.isEmpty()) {
            terminal.line(title + ": " + String.join(", ", models));
        }
        return !models.isEmpty();
    }
}

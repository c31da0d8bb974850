package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.PlanTable;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.service.PlanJson;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.PlannedModel;
import dev.freshet.transform.plan.Planner;
import dev.freshet.transform.project.NodeSelector;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "plan",
        description =
                "Show how each model is kept and why, and what that costs: asks the running service, else the state store.",
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(names = "--json", description = "Print it for other programs.")
    boolean json;

    @Option(
            names = "--lineage",
            description = "Show which columns of its inputs each column comes from, and which decide over the rows.")
    boolean lineage;

    PlanCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ParsedProject parsed = options.parseForService();
        NodeSelector selector = selection.of(parsed, terminal);
        Project project = ProjectOptions.compiled(parsed);
        Set<String> selected = selector.selected(project).stream()
                .map(Model::relation)
                .map(Object::toString)
                .collect(Collectors.toSet());
        ServiceSettings settings = SettingsFile.read(options.directory());
        Optional<ServiceClient> service = ServiceClient.find(settings.directory());
        ObjectNode plan =
                service.isPresent() ? (ObjectNode) service.get().plan() : PlanJson.of(planned(project, settings));
        keepOnly(plan, selected);
        if (json) {
            terminal.plain(plan.toPrettyString());
        } else if (lineage) {
            PlanTable.lineage(plan).forEach(terminal::plain);
        } else {
            PlanTable.of(plan).forEach(terminal::plain);
        }
        return 0;
    }

    /** With the tables' columns when a service has been here, else from the project alone. */
    private static List<PlannedModel> planned(Project project, ServiceSettings settings) {
        if (!Files.exists(settings.stateFile())) {
            return Planner.plan(project).stream().map(PlannedModel::of).toList();
        }
        try (StateStore store = new Plugins().state(settings);
                StateTransaction transaction = store.begin()) {
            return new IncrementalMaintainer(project).plan(transaction);
        }
    }

    private static void keepOnly(ObjectNode plan, Set<String> selected) {
        List<JsonNode> models = new ArrayList<>();
        plan.path("models").forEach(model -> {
            if (selected.contains(model.path("relation").asText())) {
                models.add(model);
            }
        });
        ArrayNode kept = plan.putArray("models");
        models.forEach(kept::add);
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.Retraction;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "retract",
        description = "Drop what the selected models made, children before parents. Seeds and snapshots stay.",
        mixinStandardHelpOptions = true)
final class RetractCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    RetractCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse("retract", false);
        Headline.found(terminal, project);
        LogFile.open(project.directory());
        Set<String> selected = new HashSet<>(selection.of(project, terminal).selected());
        List<Node> models = project.nodes().stream()
                .filter(node -> node.type() == ResourceType.MODEL
                        && node.relation().isPresent()
                        && selected.contains(node.uniqueId()))
                .toList();
        ServiceClient.find(SettingsFile.read(project.directory()).directory())
                .ifPresent(service -> refuseKept(models, service));
        terminal.line("");
        List<Retraction.Dropped> dropped = new Retraction(project).run(models, this::print);
        terminal.line("");
        dropped.forEach(each -> each.error()
                .ifPresent(error -> terminal.always(terminal.colour(
                        Terminal.Outcome.BAD, "Error in model " + each.node().name() + "\n  " + error + "\n"))));
        long gone = dropped.stream().filter(each -> each.kind().isPresent()).count();
        boolean isGood = dropped.stream().allMatch(each -> each.error().isEmpty());
        terminal.line("Dropped " + gone + " of " + Headline.count(dropped.size(), "model"));
        return isGood ? 0 : 1;
    }

    private void print(int number, int total, Retraction.Dropped dropped) {
        String relation = dropped.node()
                .relation()
                .map(table -> table.schema() + "." + table.name())
                .orElse("");
        String place = number + " of " + total + " ";
        if (dropped.error().isPresent()) {
            terminal.outcome(place + "ERROR dropping " + relation, Terminal.Outcome.BAD, "ERROR");
        } else if (dropped.kind().isPresent()) {
            terminal.outcome(
                    place + "OK dropped " + dropped.kind().get() + " " + relation, Terminal.Outcome.GOOD, "DROP");
        } else {
            terminal.outcome(place + "NO-OP " + relation + " is not there", Terminal.Outcome.NEUTRAL, "NO-OP");
        }
    }

    /** The service would make them again. */
    private static void refuseKept(List<Node> models, ServiceClient service) {
        Set<String> kept = service.keptModels();
        List<String> both = models.stream()
                .filter(node -> kept.contains(node.relation().orElseThrow().toString()))
                .map(Node::name)
                .toList();
        if (!both.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the running service (process " + service.pid() + ") keeps " + String.join(", ", both)
                            + " fresh and would make them again: stop it first, or leave them out with --exclude");
        }
    }
}

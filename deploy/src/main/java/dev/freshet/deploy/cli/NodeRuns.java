package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.RunLines;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.run.OneShotRun;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs nodes for a command and prints how it goes.
 *
 * @param command whose rules hold: {@code build} waits for tests
 * @param batching of microbatch models
 * @param threads null for the output's own number
 */
record NodeRuns(
        Terminal terminal,
        ProjectOptions options,
        String command,
        @Nullable Integer threads,
        boolean failFast,
        Batching batching) {

    /** Returns the exit code. */
    int run(
            ParsedProject project,
            Collection<String> selected,
            Set<ResourceType> types,
            Map<String, Object> arguments) {
        LogFile.open(project.directory());
        ServiceSettings settings = SettingsFile.read(project.directory());
        OneShotRun run = new OneShotRun(project, settings, new Plugins(), Clock.systemUTC());
        List<Node> nodes = run.runnable(selected, types);
        long unitTests = types.contains(ResourceType.UNIT_TEST)
                ? selected.stream().filter(id -> id.startsWith("unit_test.")).count()
                        - nodes.stream()
                                .filter(node -> node.type() == ResourceType.UNIT_TEST)
                                .count()
                : 0;
        if (unitTests > 0) {
            terminal.line(terminal.colour(Terminal.Outcome.WARNING, "[WARNING]") + ": "
                    + Headline.count(unitTests, "unit test")
                    + " left out: unit tests of models that read several databases can't be run yet");
        }
        if (nodes.isEmpty()) {
            terminal.line("Nothing to do. Try checking your model configs and model specification args");
            return 0;
        }
        ServiceClient.find(settings.directory()).ifPresent(service -> refuseTheServices(project, nodes, service));
        RunLines lines = new RunLines(terminal, project);
        int sideBySide = threads(project);
        terminal.line("");
        terminal.line("Concurrency: " + Headline.count(sideBySide, "thread") + " (target='"
                + project.target().name() + "')");
        terminal.line("");
        ProjectRun.Report report = run.run(
                nodes,
                new RunSettings(sideBySide, failFast, command.equals("build"), batching),
                arguments,
                lines,
                lines,
                terminal::line);
        return lines.summary(report);
    }

    private int threads(ParsedProject project) {
        int wanted = threads == null ? project.target().integer("threads", 1) : threads;
        if (wanted < 1) {
            throw new FreshetException(ErrorKind.USER, "--threads must be 1 or more, not " + wanted);
        }
        return wanted;
    }

    /**
     * The service would take whatever is built here of its models for damage, and put it right again; and what it would keep if it knew the model, two would
     * write. Nodes that run on their target beside it are nobody else's.
     */
    private static void refuseTheServices(ParsedProject project, List<Node> selected, ServiceClient service) {
        Set<String> kept = service.keptModels();
        List<Node> models =
                selected.stream().filter(node -> node.relation().isPresent()).toList();
        List<String> unknown = models.stream()
                .filter(node -> project.route(node) == Model.Route.MAINTAINED
                        && !kept.contains(node.relation().orElseThrow().toString()))
                .map(Node::name)
                .toList();
        if (!unknown.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the running service (process " + service.pid() + ") does not know " + String.join(", ", unknown)
                            + " yet: say 'freshet reload', and it keeps them fresh");
        }
        List<String> both = models.stream()
                .filter(node -> kept.contains(node.relation().orElseThrow().toString()))
                .map(Node::name)
                .toList();
        if (!both.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the running service (process " + service.pid() + ") keeps " + String.join(", ", both)
                            + " fresh: after an edit say 'freshet reload', or stop the service, or leave them out with --exclude");
        }
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.run.OneShotRun;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Node;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.ResourceType;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is the same for the commands that run nodes: {@code run}, {@code test}, {@code seed}, {@code snapshot}, {@code build}. */
abstract class NodeCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final String name;
    private final Set<ResourceType> types;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many nodes run side by side. Default: 'threads' of the output, else 1.")
    @Nullable
    Integer threads;

    @Option(
            names = {"-x", "--fail-fast"},
            defaultValue = "${env:DBT_FAIL_FAST:-false}",
            description = "End with the first failure.")
    boolean failFast;

    NodeCommand(Terminal terminal, String name, Set<ResourceType> types) {
        this.terminal = terminal;
        this.name = name;
        this.types = types;
    }

    /** Whether what keeps history is rebuilt from scratch. */
    boolean isFullRefresh() {
        return false;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse(name, isFullRefresh());
        Headline.found(terminal, project);
        LogFile.open(project.directory());
        OneShotRun run =
                new OneShotRun(project, SettingsFile.read(project.directory()), new Plugins(), Clock.systemUTC());
        List<Node> nodes = run.runnable(selection.of(project, terminal).selected(), types);
        if (nodes.isEmpty()) {
            terminal.line("Nothing to do. Try checking your model configs and model specification args");
            return 0;
        }
        ServiceSettings settings = SettingsFile.read(project.directory());
        ServiceClient.find(settings.directory()).ifPresent(service -> refuseTheServices(project, nodes, service));
        RunLines lines = new RunLines(terminal, project);
        terminal.line("");
        terminal.line("Concurrency: " + Headline.count(threads(project), "thread") + " (target='"
                + project.target().name() + "')");
        terminal.line("");
        ProjectRun.Report report = run.run(
                nodes,
                new RunSettings(threads(project), failFast, name.equals("build")),
                arguments(),
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

    private Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("which", name);
        arguments.put("invocation_command", "freshet " + name);
        arguments.put("select", selection.select);
        arguments.put("exclude", selection.exclude);
        arguments.put("full_refresh", isFullRefresh());
        arguments.put("fail_fast", failFast);
        arguments.put("indirect_selection", selection.indirect.name().toLowerCase(java.util.Locale.ROOT));
        arguments.put("vars", options.variables());
        return arguments;
    }

    /**
     * The service would take whatever is built here of its models for damage, and put it right again; and what it would keep if it knew the model, two would
     * write. Nodes that run on their target beside it are nobody else's.
     */
    private static void refuseTheServices(ParsedProject project, List<Node> selected, ServiceClient service) {
        Set<String> kept = new HashSet<>();
        service.status().path("models").forEach(model -> {
            if (!model.path("state").asText().equals("unmaintained")) {
                kept.add(model.path("id").asText());
            }
        });
        List<Node> models = selected.stream()
                .filter(node ->
                        node.type() == ResourceType.MODEL && node.relation().isPresent())
                .toList();
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

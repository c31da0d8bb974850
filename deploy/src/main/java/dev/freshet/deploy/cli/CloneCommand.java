package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.RunLines;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.run.OneShotRun;
import dev.freshet.transform.engine.NodeResult;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunListener;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "clone",
        description = "Make the selected nodes views of what the run of --state built.",
        mixinStandardHelpOptions = true)
final class CloneCommand implements Callable<Integer> {

    /** As in dbt, single nodes are not printed; what there is to say of them templates say. */
    private static final class Silent implements RunListener {

        @Override
        public void started(int number, int total, Node node) {}

        @Override
        public void ended(int number, int total, NodeResult result) {}
    }

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Mixin
    DeferralOptions deferral = new DeferralOptions();

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Replace what is there.")
    boolean fullRefresh;

    CloneCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse("clone", fullRefresh);
        Headline.found(terminal, project);
        LogFile.open(project.directory());
        deferral.require();
        deferral.applyTo(project, selection.state);
        ServiceSettings settings = SettingsFile.read(project.directory());
        OneShotRun run = new OneShotRun(project, settings, new Plugins(), Clock.systemUTC());
        List<Node> nodes = run.runnable(
                selection.of(project, terminal).selected(),
                Set.of(ResourceType.MODEL, ResourceType.SEED, ResourceType.SNAPSHOT));
        if (nodes.isEmpty()) {
            terminal.line("Nothing to do. Try checking your model configs and model specification args");
            return 0;
        }
        Map<String, Object> arguments = new LinkedHashMap<>(options.remembered());
        arguments.put("which", "clone");
        arguments.put("full_refresh", fullRefresh);
        arguments.putAll(deferral.remembered(selection.state));
        int threads = options.threads == null ? project.target().integer("threads", 1) : options.threads;
        ProjectRun.Report report = run.clone(nodes, new RunSettings(threads, false, false), arguments, new Silent());
        return new RunLines(terminal, project).summary(report);
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.run.NodeResult;
import dev.freshet.deploy.run.OneShotRun;
import dev.freshet.deploy.run.RunListener;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.NodeSelector;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "run", description = "Build the selected models once, as dbt does.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = {"-f", "--full-refresh"},
            defaultValue = "${env:DBT_FULL_REFRESH:-false}",
            description = "Rebuild from scratch what keeps history.")
    boolean fullRefresh;

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject parsed = options.parse("run", fullRefresh);
        NodeSelector selector = selection.of(parsed, terminal);
        Project project = ProjectOptions.compiled(parsed);
        Headline.found(terminal, project);
        LogFile.open(project.directory());
        List<Model> selected = selector.selected(project);
        if (selected.isEmpty()) {
            terminal.line("Nothing to do. Try checking your model configs and model specification args");
            return 0;
        }
        ServiceSettings settings = SettingsFile.read(project.directory());
        ServiceClient.find(settings.directory()).ifPresent(service -> refuseTheServices(selected, service));
        long began = System.nanoTime();
        List<NodeResult> results =
                new OneShotRun(project, settings, new Plugins(), Clock.systemUTC()).run(selected, new Lines());
        return summary(results, System.nanoTime() - began);
    }

    /**
     * The service would take whatever is built here of its models for damage, and put it right again; and what it would keep if it knew the model, two would
     * write. Models that run on their target beside it are nobody else's.
     */
    private static void refuseTheServices(List<Model> selected, ServiceClient service) {
        Set<String> kept = new HashSet<>();
        service.status().path("models").forEach(model -> {
            if (!model.path("state").asText().equals("unmaintained")) {
                kept.add(model.path("id").asText());
            }
        });
        List<String> unknown = selected.stream()
                .filter(model -> model.route() == Model.Route.MAINTAINED
                        && model.materialization() != Model.Materialization.EPHEMERAL
                        && !kept.contains(model.relation().toString()))
                .map(Model::name)
                .toList();
        if (!unknown.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the running service (process " + service.pid() + ") does not know " + String.join(", ", unknown)
                            + " yet: say 'freshet reload', and it keeps them fresh");
        }
        List<String> both = selected.stream()
                .filter(model -> kept.contains(model.relation().toString()))
                .map(Model::name)
                .toList();
        if (!both.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the running service (process " + service.pid() + ") keeps " + String.join(", ", both)
                            + " fresh: after an edit say 'freshet reload', or stop the service, or leave them out with --exclude");
        }
    }

    private int summary(List<NodeResult> results, long nanos) {
        long good = count(results, NodeResult.Status.SUCCESS);
        long bad = count(results, NodeResult.Status.ERROR);
        long skipped = count(results, NodeResult.Status.SKIPPED);
        terminal.line("");
        terminal.line("Finished running " + Headline.count(results.size(), "model")
                + String.format(Locale.ROOT, " in %.2f seconds.", nanos / 1e9));
        terminal.line("");
        if (bad == 0) {
            terminal.line(terminal.colour(Terminal.Outcome.GOOD, "Completed successfully"));
        } else {
            terminal.line(
                    terminal.colour(Terminal.Outcome.BAD, "Completed with " + Headline.count(bad, "error") + ":"));
            results.stream()
                    .filter(result -> result.status() == NodeResult.Status.ERROR)
                    .forEach(result -> terminal.line("\n  " + result.node() + "\n  " + result.message()));
        }
        terminal.line("");
        terminal.line("Done. PASS=" + good + " WARN=0 ERROR=" + bad + " SKIP=" + skipped + " NO-OP=0 TOTAL="
                + results.size());
        return bad == 0 ? 0 : 1;
    }

    private static long count(List<NodeResult> results, NodeResult.Status status) {
        return results.stream().filter(result -> result.status() == status).count();
    }

    private final class Lines implements RunListener {

        @Override
        public void started(int number, int total, Model model) {
            terminal.outcome(number + " of " + total + " START " + title(model), Terminal.Outcome.NEUTRAL, "RUN");
        }

        @Override
        public void ended(int number, int total, Model model, NodeResult result) {
            String seconds =
                    String.format(Locale.ROOT, " in %.2fs", result.took().toNanos() / 1e9);
            switch (result.status()) {
                case SUCCESS ->
                    terminal.outcome(
                            number + " of " + total + " OK created " + title(model),
                            Terminal.Outcome.GOOD,
                            result.message() + seconds);
                case ERROR ->
                    terminal.outcome(
                            number + " of " + total + " ERROR creating " + title(model),
                            Terminal.Outcome.BAD,
                            "ERROR" + seconds);
                case SKIPPED ->
                    terminal.outcome(
                            number + " of " + total + " SKIP relation "
                                    + model.relation().schema() + "."
                                    + model.relation().name(),
                            Terminal.Outcome.WARNING,
                            "SKIP");
            }
        }

        @Override
        public void progress(String message) {
            terminal.line(message);
        }

        private String title(Model model) {
            return "sql " + model.materialization().name().toLowerCase(Locale.ROOT) + " model "
                    + model.relation().schema() + "." + model.relation().name();
        }
    }
}

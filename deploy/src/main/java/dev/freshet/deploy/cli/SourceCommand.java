package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.engine.SourceFreshness;
import dev.freshet.transform.project.ParsedProject;
import java.time.Clock;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "source",
        description = "What concerns sources.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SourceCommand.Freshness.class)
final class SourceCommand implements Runnable {

    @Spec
    CommandSpec spec;

    SourceCommand(Terminal unused) {
        this.spec = CommandSpec.create();
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    @Command(
            name = "freshness",
            aliases = "snapshot-freshness",
            description = "Ask how fresh the selected sources are.",
            mixinStandardHelpOptions = true)
    static final class Freshness implements Callable<Integer> {

        private final Terminal terminal;

        @Mixin
        ProjectOptions options = new ProjectOptions();

        @Mixin
        SelectionOptions selection = new SelectionOptions();

        Freshness(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() {
            Headline.print(terminal);
            ParsedProject project = options.parse("freshness", false);
            Headline.found(terminal, project);
            LogFile.open(project.directory());
            Set<String> selected = new HashSet<>(selection.of(project, terminal).selected());
            SourceFreshness.Report report = new SourceFreshness(project, Clock.systemUTC())
                    .run(
                            selected::contains,
                            (number, total, name) -> terminal.outcome(
                                    number + " of " + total + " START freshness of " + name,
                                    Terminal.Outcome.NEUTRAL,
                                    "RUN"),
                            this::print);
            terminal.line("");
            report.sources().forEach(source -> source.error()
                    .ifPresent(error -> terminal.line(terminal.colour(
                            Terminal.Outcome.BAD, "Error in source " + source.name() + "\n  " + error + "\n"))));
            terminal.line("Done.");
            return report.isGood() ? 0 : 1;
        }

        private void print(int number, int total, SourceFreshness.Source source) {
            String word =
                    switch (source.status()) {
                        case PASS -> "PASS";
                        case WARN -> "WARN";
                        case ERROR -> "ERROR STALE";
                        case RUNTIME_ERROR -> "ERROR";
                    };
            Terminal.Outcome colour =
                    switch (source.status()) {
                        case PASS -> Terminal.Outcome.GOOD;
                        case WARN -> Terminal.Outcome.WARNING;
                        case ERROR, RUNTIME_ERROR -> Terminal.Outcome.BAD;
                    };
            terminal.outcome(
                    number + " of " + total + " " + word + " freshness of " + source.name(),
                    colour,
                    word + String.format(Locale.ROOT, " in %.2fs", source.took().toNanos() / 1e9));
        }
    }
}

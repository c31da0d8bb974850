package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.pipeline.Checkup;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.transform.project.Project;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "debug",
        description =
                "Check the project, its connections and their rights, changing nothing. Missing rights are printed as statements to paste.",
        mixinStandardHelpOptions = true)
final class DebugCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    DebugCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        terminal.line("java " + Runtime.version() + " on " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch"));
        Project project = options.loadForService().project();
        Headline.found(terminal, project);
        ServiceSettings settings = SettingsFile.read(project.directory());
        boolean good = true;
        for (Checkup.Finding finding : Checkup.of(project, settings, new Plugins())) {
            Terminal.Outcome outcome = finding.problems().isEmpty() ? Terminal.Outcome.GOOD : Terminal.Outcome.BAD;
            terminal.outcome(finding.subject(), outcome, finding.problems().isEmpty() ? "OK" : "ERROR");
            finding.problems().forEach(problem -> terminal.line("  " + problem.replace("\n", "\n  ")));
            good &= finding.problems().isEmpty();
            if (!finding.statements().isEmpty()) {
                terminal.line("  In the database of output '" + finding.output()
                        + "', as a superuser or as the owner of what is changed, paste:");
                finding.statements().forEach(statement -> terminal.plain("    " + statement + ";"));
            }
        }
        terminal.line(
                good
                        ? "All checks passed!"
                        : "Some checks failed: mend them from the top, then run 'freshet debug' again");
        return good ? 0 : 1;
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.transform.project.deps.PackageInstaller;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "deps",
        description = "Install the packages that packages.yml or dependencies.yml asks for.",
        mixinStandardHelpOptions = true)
final class DepsCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    DepsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        List<String> installed = new PackageInstaller(
                        options.directory(), System.getenv(), options.variables(), terminal::line)
                .install();
        installed.forEach(name -> terminal.line("Installed " + name));
        return 0;
    }
}

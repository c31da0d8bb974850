package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.deps.PackageAddition;
import dev.freshet.transform.project.deps.PackageInstaller;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "deps",
        description = "Install the packages that packages.yml or dependencies.yml asks for.",
        mixinStandardHelpOptions = true)
final class DepsCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Option(names = "--upgrade", description = "Take the newest versions that fit, whatever package-lock.yml says.")
    boolean upgrade;

    @Option(names = "--lock", description = "Write package-lock.yml and install nothing.")
    boolean lock;

    @Option(names = "--add-package", paramLabel = "NAME@VERSION", description = "Add a package to packages.yml first.")
    @Nullable
    String addPackage;

    @Option(
            names = "--source",
            paramLabel = "KIND",
            defaultValue = "hub",
            description = "Where the added package comes from: hub, git or local. Default: ${DEFAULT-VALUE}.")
    String source = "hub";

    DepsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        Path directory = options.directory();
        if (addPackage != null) {
            PackageAddition.add(directory, addPackage, source).forEach(terminal::line);
        }
        PackageInstaller.Mode mode = lock
                ? PackageInstaller.Mode.LOCK
                : upgrade ? PackageInstaller.Mode.UPGRADE : PackageInstaller.Mode.INSTALL;
        List<String> names =
                new PackageInstaller(directory, System.getenv(), options.variables(), terminal::line).install(mode);
        names.forEach(name -> terminal.line((lock ? "Locked " : "Installed ") + name));
        return 0;
    }
}

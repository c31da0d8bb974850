package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.LogFile;
import dev.freshet.deploy.cli.terminal.Signals;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.docs.DocsSite;
import dev.freshet.deploy.service.DocsServer;
import dev.freshet.transform.engine.ProjectCatalog;
import dev.freshet.transform.project.Compilation;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import java.awt.Desktop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "docs",
        description = "The project's documentation.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DocsCommand.Generate.class, DocsCommand.Serve.class})
final class DocsCommand implements Runnable {

    @Spec
    CommandSpec spec;

    DocsCommand(Terminal unused) {
        this.spec = CommandSpec.create();
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    @Command(
            name = "generate",
            description = "Write manifest.json, catalog.json and the page, index.html, which holds all that it shows.",
            mixinStandardHelpOptions = true)
    static final class Generate implements Callable<Integer> {

        private final Terminal terminal;

        @Mixin
        ProjectOptions options = new ProjectOptions();

        @Mixin
        SelectionOptions selection = new SelectionOptions();

        @Mixin
        DeferralOptions deferral = new DeferralOptions();

        @Option(
                names = "--compile",
                negatable = true,
                defaultValue = "true",
                fallbackValue = "true",
                description = "Show compiled texts too. Default: yes.")
        boolean compile = true;

        @Option(names = "--empty-catalog", description = "Ask no database what it holds.")
        boolean emptyCatalog;

        @Option(names = "--static", description = "Write the page as static_index.html too: it is the same file.")
        boolean asStatic;

        Generate(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() {
            Headline.print(terminal);
            ParsedProject project = options.parse("generate", false);
            Headline.found(terminal, project);
            LogFile.open(project.directory());
            deferral.applyTo(project, selection.state);
            List<String> selected = selection.of(project, terminal).selected();
            Map<String, String> texts = compile ? compiled(project, selected) : Map.of();
            terminal.line("Building catalog");
            Set<String> wanted = new HashSet<>(selected);
            ProjectCatalog generation = new ProjectCatalog(project, Clock.systemUTC());
            ProjectCatalog.Catalog catalog =
                    emptyCatalog ? generation.writeEmpty() : generation.write(wanted::contains);
            String page = DocsSite.page(project, catalog, texts);
            Path target = project.targetDirectory();
            DocsSite.write(target.resolve("index.html"), page);
            if (asStatic) {
                DocsSite.write(target.resolve("static_index.html"), page);
            }
            terminal.line("Catalog written to " + target.resolve("catalog.json"));
            terminal.line("Page written to " + target.resolve("index.html"));
            catalog.errors()
                    .forEach(error -> terminal.always(terminal.colour(Terminal.Outcome.BAD, "Encountered an error: ")
                            + error + "; what it holds is missing from the catalog"));
            return catalog.errors().isEmpty() ? 0 : 1;
        }

        private Map<String, String> compiled(ParsedProject project, List<String> selected) {
            try (Databases databases = options.databases()) {
                Compilation compilation = project.compileSelected(selected, databases);
                compilation.write();
                return compilation.texts();
            }
        }
    }

    @Command(
            name = "serve",
            description = "Show the page on this machine until Ctrl-C.",
            mixinStandardHelpOptions = true)
    static final class Serve implements Callable<Integer> {

        private final Terminal terminal;

        @Mixin
        ProjectOptions options = new ProjectOptions();

        @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "Where to listen.")
        String host = "127.0.0.1";

        @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "Which port, 0 for any.")
        int port = 8080;

        @Option(
                names = "--browser",
                negatable = true,
                defaultValue = "true",
                fallbackValue = "true",
                description = "Open a browser. Default: yes, where there is one.")
        boolean browser = true;

        Serve(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws InterruptedException {
            Headline.print(terminal);
            Signals signals = Signals.install();
            try (DocsServer server = DocsServer.start(options.targetDirectory(), host, port)) {
                terminal.line("Serving docs at " + server.url());
                terminal.line("Press Ctrl-C to stop");
                if (browser) {
                    open(server.url());
                }
                while (!signals.await(60_000)) {
                    // Until somebody has read enough.
                }
            }
            return 0;
        }

        private static void open(String url) {
            try {
                if (Desktop.isDesktopSupported() && Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
                    Desktop.getDesktop().browse(URI.create(url));
                }
            } catch (IOException | UnsupportedOperationException ignored) {
                // The address was printed.
            }
        }
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.GlobalOptions;
import dev.freshet.deploy.cli.options.RootCommand;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.cli.terminal.Version;
import dev.freshet.state.FreshetException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The root of the command line. Exit codes are dbt's: 0 all good, 1 a node failed or a handled error, 2 wrong usage or a defect.
 */
@Command(
        name = "freshet",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Keeps a dbt project continuously fresh.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            ServeCommand.class,
            DebugCommand.class,
            ParseCommand.class,
            CompileCommand.class,
            ListCommand.class,
            ShowCommand.class,
            RunCommand.class,
            SeedCommand.class,
            TestCommand.class,
            SnapshotCommand.class,
            BuildCommand.class,
            RetryCommand.class,
            CloneCommand.class,
            SourceCommand.class,
            DocsCommand.class,
            RetractCommand.class,
            RunOperationCommand.class,
            StatusCommand.class,
            PlanCommand.class,
            BackfillCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            ReloadCommand.class,
            DepsCommand.class,
            CleanCommand.class
        })
public final class FreshetCommand implements RootCommand, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(FreshetCommand.class);

    @Spec
    CommandSpec spec;

    @Option(
            names = {"-d", "--debug"},
            scope = ScopeType.INHERIT,
            description = "Show stack traces.")
    boolean debug;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            defaultValue = "${env:DBT_QUIET:-false}",
            description = "Print only what was asked for, and errors.")
    boolean quiet;

    @Mixin
    GlobalOptions globals = new GlobalOptions();

    private final Terminal terminal;

    /** @param untilParsed stands in until picocli sets its own */
    private FreshetCommand(CommandSpec untilParsed, Terminal terminal) {
        this.terminal = terminal;
        this.spec = untilParsed;
    }

    /** Runs one command line and returns its exit code. */
    public static int run(String... arguments) {
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        ZoneId zone = ZoneId.systemDefault();
        // PostgreSQL prints ranges of timestamps in the session's time zone, which its driver takes from the JVM.
        TimeZone.setDefault(TimeZone.getTimeZone(ZoneOffset.UTC));
        boolean colours = System.console() != null && System.getenv("NO_COLOR") == null;
        return run(new Terminal(out, Clock.systemUTC(), zone, colours), arguments);
    }

    /** Like {@link #run(String...)}, printing to a given terminal. */
    public static int run(Terminal terminal, String... arguments) {
        FreshetCommand root = new FreshetCommand(CommandSpec.create(), terminal);
        CommandLine line = new CommandLine(root, new Commands(terminal));
        line.setParameterExceptionHandler((error, given) -> usage(error));
        line.setExecutionExceptionHandler((error, command, parsed) -> failure(error, terminal, root.debug));
        line.setExecutionStrategy(parsed -> {
            if (root.quiet) {
                terminal.quiet();
            }
            try {
                root.globals.applyTo(terminal);
            } catch (FreshetException e) {
                return failure(e, terminal, root.debug);
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // --log-format debug: the value is the name of a command too.
        line.setAllowSubcommandsAsOptionParameters(true);
        return line.execute(arguments);
    }

    /** Every command by each of its names, as it is described: nothing runs. */
    public static Map<String, CommandLine> commands() {
        Terminal silent = new Terminal(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                ZoneOffset.UTC,
                false);
        return new CommandLine(new FreshetCommand(CommandSpec.create(), silent), new Commands(silent)).getSubcommands();
    }

    private static int usage(ParameterException error) {
        CommandLine command = error.getCommandLine();
        command.getErr().println(error.getMessage());
        List<String> nearest = new java.util.ArrayList<>();
        if (error instanceof CommandLine.UnmatchedArgumentException unmatched) {
            nearest.addAll(unmatched.getSuggestions());
        }
        if (!nearest.isEmpty()) {
            command.getErr().println("Did you mean: " + String.join(", ", nearest) + "?");
        }
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return 2;
    }

    private static int failure(Exception error, Terminal terminal, boolean trace) {
        LOG.debug("the command failed", error);
        if (trace) {
            error.printStackTrace();
        }
        if (error instanceof FreshetException known) {
            terminal.always(terminal.colour(Terminal.Outcome.BAD, "Error") + "  " + known.getMessage());
            return switch (known.kind()) {
                case INTERNAL -> 2;
                default -> 1;
            };
        }
        terminal.always(terminal.colour(Terminal.Outcome.BAD, "Error") + "  this is a defect of Freshet: " + error
                + "; run again with --debug for the details and report it");
        return 2;
    }

    @Override
    public GlobalOptions globals() {
        return globals;
    }

    /** Where a command prints. */
    @Override
    public Terminal terminal() {
        return terminal;
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }
}

package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Preview;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Database;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.database.QueryResult;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "show",
        description = "Run the selected nodes' queries, or one given here, and print the first rows. Builds nothing.",
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

    enum Output {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Mixin
    DeferralOptions deferral = new DeferralOptions();

    @Option(names = "--inline", paramLabel = "SQL", description = "A query with Jinja, instead of nodes.")
    @Nullable
    String inline;

    @Option(
            names = "--limit",
            paramLabel = "ROWS",
            defaultValue = "5",
            description = "How many rows, -1 for all. Default: ${DEFAULT-VALUE}.")
    int limit = 5;

    @Option(names = "--output", paramLabel = "FORM", defaultValue = "text", description = "text or json.")
    Output output = Output.TEXT;

    ShowCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        if (inline == null && selection.select.isEmpty() && selection.selector == null) {
            throw new FreshetException(
                    ErrorKind.USER, "show needs nodes or a query: name some with --select, or write one with --inline");
        }
        ParsedProject project = options.parse("show", false);
        Headline.found(terminal, project);
        deferral.applyTo(project, selection.state);
        try (Databases databases = options.databases()) {
            if (inline != null) {
                String sql = project.inline(inline, databases);
                QueryResult result = query(databases, project.target(), sql, "the inline query");
                terminal.line("Previewing inline node:");
                terminal.plain(output == Output.JSON ? Preview.json(Map.of(), result) : Preview.table(result));
                return 0;
            }
            Set<String> selected = new HashSet<>(selection.of(project, terminal).selected());
            List<Node> nodes = project.nodes().stream()
                    .filter(node -> selected.contains(node.uniqueId()) && isPreviewed(node))
                    .toList();
            if (nodes.isEmpty()) {
                throw new FreshetException(ErrorKind.USER, "no node with a query is selected");
            }
            nodes.forEach(node -> show(node, project, databases));
        }
        return 0;
    }

    /** Tests come with the models that are selected; they are shown when that is asked for. */
    private boolean isPreviewed(Node node) {
        return node.type() != ResourceType.TEST
                || selection.select.stream().anyMatch(term -> term.contains(node.name()) || term.contains("test_"));
    }

    private void show(Node node, ParsedProject project, Databases databases) {
        if (project.route(node) == Model.Route.MAINTAINED) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "model '" + node.name() + "' reads several databases, and show asks only one: build it with"
                            + " 'freshet run -s " + node.name() + "' and show its table with --inline");
        }
        Connection output = project.output(node);
        String sql = node.type() == ResourceType.SEED
                ? project.inline(
                        "select * from {{ ref('" + node.packageName() + "', '" + node.name() + "') }}", databases)
                : project.compiled(node, databases);
        QueryResult result = query(databases, output, sql, "node '" + node.name() + "'");
        terminal.line("Previewing node '" + node.name() + "':");
        terminal.plain(
                this.output == Output.JSON ? Preview.json(Map.of("node", node.name()), result) : Preview.table(result));
    }

    private QueryResult query(Databases databases, Connection output, String sql, String shown) {
        Database database = databases
                .of(output)
                .orElseThrow(() -> new IllegalStateException("no database for output " + output.name()));
        String body = sql.strip();
        while (body.endsWith(";")) {
            body = body.substring(0, body.length() - 1).stripTrailing();
        }
        // Not every statement can stand in a FROM: without a limit it runs as it is.
        String limited = limit < 0
                ? body
                : String.format(Locale.ROOT, "select * from (%n%s%n) as freshet_preview limit %d", body, limit);
        try {
            return database.query(limited);
        } catch (FreshetException e) {
            throw new FreshetException(e.kind(), shown + " can't be shown: " + e.getMessage(), e);
        }
    }
}

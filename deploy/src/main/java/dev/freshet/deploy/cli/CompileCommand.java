package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.Compilation;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "compile",
        description = "Render the selected nodes to target/compiled; a single one is printed too.",
        mixinStandardHelpOptions = true)
final class CompileCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Mixin
    DeferralOptions deferral = new DeferralOptions();

    @Option(names = "--inline", paramLabel = "SQL", description = "Compile this text instead of nodes.")
    @Nullable
    String inline;

    CompileCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        ParsedProject project = options.parse("compile", false);
        Headline.found(terminal, project);
        deferral.applyTo(project, selection.state);
        try (Databases databases = options.databases()) {
            if (inline != null) {
                terminal.line("Compiled inline node is:");
                terminal.plain(project.inline(inline, databases));
                return 0;
            }
            List<String> selected = selection.of(project, terminal).selected();
            Compilation compilation = project.compileSelected(selected, databases);
            compilation.write();
            print(compilation.texts(), project);
        }
        return 0;
    }

    private void print(Map<String, String> texts, ParsedProject project) {
        if (texts.size() == 1) {
            String name = project.nodes().stream()
                    .filter(node -> texts.containsKey(node.uniqueId()))
                    .map(node -> node.name())
                    .findFirst()
                    .orElse("");
            terminal.line("Compiled node '" + name + "' is:");
            terminal.plain(texts.values().iterator().next());
        } else {
            terminal.line("Compiled " + Headline.count(texts.size(), "node") + " to "
                    + project.directory().relativize(project.targetDirectory()) + "/compiled");
        }
    }
}

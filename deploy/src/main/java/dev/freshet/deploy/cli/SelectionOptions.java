package dev.freshet.deploy.cli;

import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.NodeSelector;
import dev.freshet.transform.project.Project;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** dbt's {@code --select} and {@code --exclude}. */
final class SelectionOptions {

    @Option(
            names = {"-s", "--select", "-m", "--models"},
            paramLabel = "SELECTOR",
            arity = "1..*",
            description =
                    "Which nodes: names, +parents, children+, @, tag:, path:, source:, fqn:; space is union, comma intersection.")
    List<String> select = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "SELECTOR",
            arity = "1..*",
            description = "Which of the selected nodes to leave out.")
    List<String> exclude = new ArrayList<>();

    List<Model> of(Project project) {
        return NodeSelector.select(project, select, exclude);
    }

    /** Says which terms match nothing: mostly a typing error. */
    void warnUnmatched(Project project, Terminal terminal) {
        List<String> terms = new ArrayList<>(select);
        terms.addAll(exclude);
        NodeSelector.unmatched(project, terms)
                .forEach(warning ->
                        terminal.line(terminal.colour(Terminal.Outcome.WARNING, "[WARNING]") + ": " + warning));
    }
}

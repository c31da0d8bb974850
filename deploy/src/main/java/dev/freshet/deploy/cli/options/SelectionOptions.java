package dev.freshet.deploy.cli.options;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.project.NodeSelector;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.selection.IndirectSelection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** dbt's node selection. */
public final class SelectionOptions {

    @Option(
            names = {"-s", "--select", "-m", "--models"},
            paramLabel = "SELECTOR",
            arity = "1..*",
            description =
                    "Which nodes: names, +parents, children+, @, tag:, path:, source:, config.x:, state:, ...; space is union, comma intersection.")
    public List<String> select = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "SELECTOR",
            arity = "1..*",
            description = "Which of the selected nodes to leave out.")
    public List<String> exclude = new ArrayList<>();

    @Option(
            names = "--selector",
            paramLabel = "NAME",
            description = "A selection of selectors.yml, instead of --select and --exclude.")
    @Nullable
    public String selector;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "${env:DBT_STATE}",
            description = "The artifacts of another run, for state: and result:.")
    @Nullable
    public Path state;

    @Option(
            names = "--indirect-selection",
            paramLabel = "MODE",
            defaultValue = "${env:DBT_INDIRECT_SELECTION:-eager}",
            description = "When tests come with what they read: eager, cautious, buildable or empty.")
    public IndirectSelection indirect = IndirectSelection.EAGER;

    /** What was asked for, understood; warns of terms that match nothing: mostly a typing error. */
    public NodeSelector of(ParsedProject project, Terminal terminal) {
        NodeSelector nodes = new NodeSelector(
                project,
                new NodeSelector.Request(
                        select,
                        exclude,
                        Optional.ofNullable(selector),
                        Optional.ofNullable(state)
                                .map(directory -> directory.toAbsolutePath().normalize()),
                        indirect));
        terminal.warnings("[WARNING]: ", nodes.unmatched());
        return nodes;
    }
}

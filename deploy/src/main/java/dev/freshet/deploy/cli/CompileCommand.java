package dev.freshet.deploy.cli;

import dev.freshet.transform.project.CompiledFiles;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Project;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "compile",
        description = "Render the models to target/compiled; one selected model is printed too.",
        mixinStandardHelpOptions = true)
final class CompileCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    CompileCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        Project project = options.load(false);
        Headline.found(terminal, project);
        selection.warnUnmatched(project, terminal);
        List<Model> selected = selection.of(project);
        CompiledFiles.write(project, selected);
        if (selected.size() == 1) {
            terminal.line("Compiled node '" + selected.get(0).name() + "' is:");
            terminal.plain(selected.get(0).sql());
        } else {
            terminal.line(
                    "Compiled " + Headline.count(selected.size(), "model") + " to target/compiled/" + project.name());
        }
        return 0;
    }
}

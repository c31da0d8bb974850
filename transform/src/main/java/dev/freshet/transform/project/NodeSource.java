package dev.freshet.transform.project;

import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.ModelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a file says about one node, parsed as a template and not rendered yet.
 *
 * @param version of a versioned model
 * @param fqn project, directories, name
 * @param file relative to the project
 * @param originalFile relative to the package
 * @param path relative to the searched directory, such as {@code models}
 * @param line where it begins, from 1
 * @param text empty for a seed
 */
record NodeSource(
        ResourceType type,
        String project,
        String name,
        Optional<String> version,
        List<String> fqn,
        String file,
        String originalFile,
        String path,
        int line,
        ModelText text) {

    NodeSource {
        fqn = List.copyOf(fqn);
    }

    /** A file that is one node: a model, an analysis, a singular test. */
    static NodeSource read(ResourceType type, String project, ProjectFiles.Found file) {
        ModelText text = ModelText.parse(file.path(), ProjectFiles.text(file));
        return of(type, project, file.baseName(), file, 1, file.directories(), text);
    }

    static NodeSource seed(String project, ProjectFiles.Found file) {
        return of(ResourceType.SEED, project, file.baseName(), file, 1, file.directories(), ModelText.EMPTY);
    }

    /** A {@code snapshot} block; its file counts as a directory of its path. */
    static NodeSource snapshot(String project, ProjectFiles.Found file, MacroDefinition block) {
        List<String> directories = new ArrayList<>(file.directories());
        directories.add(file.baseName());
        return of(
                ResourceType.SNAPSHOT,
                project,
                block.name(),
                file,
                block.location().line(),
                directories,
                ModelText.block(block.template(), block.contents()));
    }

    private static NodeSource of(
            ResourceType type,
            String project,
            String name,
            ProjectFiles.Found file,
            int line,
            List<String> directories,
            ModelText text) {
        List<String> fqn = new ArrayList<>(List.of(project));
        fqn.addAll(directories);
        fqn.add(name);
        return new NodeSource(
                type,
                project,
                name,
                Optional.empty(),
                fqn,
                file.path(),
                file.original(),
                file.pathBelowRoot(),
                line,
                text);
    }

    /** The same file as a version of a model. */
    NodeSource asVersion(String model, String number) {
        List<String> path = new ArrayList<>(fqn.subList(0, fqn.size() - 1));
        path.add(model);
        path.add("v" + number);
        return new NodeSource(
                type, project, model, Optional.of(number), path, file, originalFile, this.path, line, text);
    }

    String uniqueId() {
        return type.id() + "." + project + "." + name
                + version.map(number -> ".v" + number).orElse("");
    }

    /** {@code model 'orders'}, for messages. */
    String title() {
        return type.id() + " '" + name + "'";
    }

    Position start() {
        return new Position(file, line);
    }
}

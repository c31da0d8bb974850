package dev.freshet.transform.project;

import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.ModelText;
import java.util.ArrayList;
import java.util.List;

/**
 * A model file, parsed as a template and not rendered yet.
 *
 * @param fqn project, directories, name
 * @param file relative to the project
 */
record ModelSource(String project, String name, List<String> fqn, String file, ModelText text) {

    static ModelSource read(String project, ProjectFiles.Found file) {
        List<String> fqn = new ArrayList<>(List.of(project));
        fqn.addAll(file.directories());
        fqn.add(file.baseName());
        return new ModelSource(
                project,
                file.baseName(),
                List.copyOf(fqn),
                file.path(),
                ModelText.parse(file.path(), ProjectFiles.text(file)));
    }

    String uniqueId() {
        return "model." + project + "." + name;
    }

    Position start() {
        return new Position(file, 1);
    }
}

package dev.freshet.deploy.live;

import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import java.util.Optional;

/**
 * A version of a project that the service runs.
 *
 * @param parsed empty where nothing runs on its own target
 */
public record Served(Project project, Optional<ParsedProject> parsed) {

    public static Served of(Project project) {
        return new Served(project, Optional.empty());
    }
}

package dev.freshet.transform.project;

import dev.freshet.state.Connection;
import dev.freshet.state.PipelineId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An immutable, parsed version of a project.
 *
 * @param targetDirectory where artifacts go ({@code target-path})
 * @param connections the profile's outputs by name
 * @param target the default output's name
 * @param models enabled models of all kinds, parents before children
 * @param warnings in the order they were found, one line each
 */
public record Project(
        Path directory,
        Path targetDirectory,
        String name,
        Map<String, Connection> connections,
        String target,
        List<SourceTable> sources,
        List<Model> models,
        List<String> warnings) {

    public Project {
        connections = Map.copyOf(connections);
        sources = List.copyOf(sources);
        models = List.copyOf(models);
        warnings = List.copyOf(warnings);
    }

    public PipelineId pipeline() {
        return new PipelineId(name, target);
    }
}

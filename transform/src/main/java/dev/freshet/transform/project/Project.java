package dev.freshet.transform.project;

import dev.freshet.state.Connection;
import dev.freshet.state.PipelineId;
import dev.freshet.transform.project.node.DataTest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An immutable, parsed version of a project.
 *
 * @param targetDirectory where artifacts go ({@code target-path})
 * @param connections the profile's outputs by name
 * @param target the default output's name
 * @param models enabled models of all kinds and the snapshots and seeds that the service keeps, parents before children
 * @param tests the data tests that the service can judge
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
        List<DataTest> tests,
        List<String> warnings) {

    public Project {
        connections = Map.copyOf(connections);
        sources = List.copyOf(sources);
        models = List.copyOf(models);
        tests = List.copyOf(tests);
        warnings = List.copyOf(warnings);
    }

    /** Without tests. */
    public Project(
            Path directory,
            Path targetDirectory,
            String name,
            Map<String, Connection> connections,
            String target,
            List<SourceTable> sources,
            List<Model> models,
            List<String> warnings) {
        this(directory, targetDirectory, name, connections, target, sources, models, List.of(), warnings);
    }

    public PipelineId pipeline() {
        return new PipelineId(name, target);
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.freshet.testkit.Rows;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.ProjectOnDisk;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A project in a directory and the warehouse that it runs on. */
final class RunFixture {

    private static final Set<ResourceType> ALL = Set.of(
            ResourceType.MODEL,
            ResourceType.SEED,
            ResourceType.SNAPSHOT,
            ResourceType.TEST,
            ResourceType.UNIT_TEST,
            ResourceType.EXPOSURE);

    static final RunListener SILENT = new Silent();

    final ProjectOnDisk project;
    private final String url;
    final List<String> hooks = new ArrayList<>();

    /** @param output the output of the profile, as YAML */
    RunFixture(Path directory, String output, String url) {
        this.url = url;
        this.project = new ProjectOnDisk(directory)
                .file("profiles.yml", "demo: {target: dev, outputs: {dev: " + output + "}}\n");
    }

    RunFixture file(String path, String content) {
        project.file(path, content);
        return this;
    }

    RunFixture model(String name, String sql) {
        project.model(name, sql);
        return this;
    }

    /** {@code build}, printed as {@code name status message}, in the order the nodes are defined. */
    List<String> build() {
        return build(project.parse());
    }

    List<String> fullRefresh() {
        return build(project.parseForFullRefresh());
    }

    private List<String> build(ParsedProject parsed) {
        return results(parsed, new RunSettings(1, false, true)).stream()
                .map(result -> result.node().name() + " " + result.status().word()
                        + result.message().map(message -> " " + message).orElse(""))
                .toList();
    }

    List<NodeResult> results(ParsedProject parsed, RunSettings settings) {
        Set<String> ids = new LinkedHashSet<>();
        parsed.nodes().forEach(node -> ids.add(node.uniqueId()));
        parsed.unitTests().forEach(node -> ids.add(node.uniqueId()));
        parsed.exposures().forEach(node -> ids.add(node.uniqueId()));
        return results(parsed, settings, ids);
    }

    /** A build of some nodes. */
    List<NodeResult> results(ParsedProject parsed, Set<String> ids) {
        return results(parsed, new RunSettings(1, false, true), ids);
    }

    List<NodeResult> results(ParsedProject parsed, RunSettings settings, RunListener listener) {
        Set<String> ids = new LinkedHashSet<>();
        parsed.nodes().forEach(node -> ids.add(node.uniqueId()));
        return results(parsed, settings, ids, listener);
    }

    private List<NodeResult> results(ParsedProject parsed, RunSettings settings, Set<String> ids) {
        return results(parsed, settings, ids, SILENT);
    }

    private List<NodeResult> results(
            ParsedProject parsed, RunSettings settings, Set<String> ids, RunListener listener) {
        ProjectRun run = new ProjectRun(parsed, settings, node -> "", Clock.systemUTC());
        return run.run(run.runnable(ids, ALL), Map.of(), listener, new Hooked()).results();
    }

    /** From now on, the same project is built in another schema. */
    RunFixture schema(String name) {
        project.file("profiles.yml", project.text("profiles.yml").replaceFirst("schema: \\w+", "schema: " + name));
        return this;
    }

    /** The rows of a query as texts, values separated by spaces. */
    List<String> query(String sql) {
        try (Connection session = DriverManager.getConnection(url)) {
            return Rows.of(session, sql);
        } catch (SQLException e) {
            throw new AssertionError(sql + ": " + e.getMessage(), e);
        }
    }

    /** The names of the relations in a schema. */
    Set<String> relations(String schema) {
        return new LinkedHashSet<>(query(
                "select table_name from information_schema.tables where table_schema = '" + schema + "' order by 1"));
    }

    private static final class Silent implements RunListener {

        @Override
        public void started(int number, int total, Node node) {}

        @Override
        public void ended(int number, int total, NodeResult result) {}
    }

    private final class Hooked implements ProjectRun.HookListener {

        @Override
        public void started(int number, int total, NodeExecution.Hook hook) {}

        @Override
        public void ended(int number, int total, NodeExecution.Hook hook, String said, Duration took) {
            hooks.add(hook.name());
        }
    }

    /** run_results.json is what dbt's schema says. */
    void assertValidResults() {
        assertValid("run_results.json", "run-results-v6.json");
    }

    void assertValid(String file, String schemaFile) {
        try (InputStream schema = RunFixture.class.getResourceAsStream("/dbt/" + schemaFile)) {
            JsonNode results = new ObjectMapper()
                    .readTree(project.directory.resolve("target/" + file).toFile());
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(new ObjectMapper().readTree(schema))
                            .validate(results))
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

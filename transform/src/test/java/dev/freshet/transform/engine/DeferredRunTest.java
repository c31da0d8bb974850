package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.project.Deferral;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.node.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that read what another run built, and clones of it. */
class DeferredRunTest {

    @TempDir
    Path directory;

    private RunFixture run;
    private Path state;

    /** What production built, in schema lake; then the project is one of schema dev. */
    private void open(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.file("seeds/s.csv", "id\n1\n2\n")
                .model("a", "{{ config(materialized='table') }} select id, 'production' as place from {{ ref('s') }}")
                .model("inlined", "{{ config(materialized='ephemeral') }} select * from {{ ref('a') }}")
                .model("b", "{{ config(materialized='table') }} select * from {{ ref('inlined') }}")
                .file(
                        "models/m.yml",
                        "models: [{name: b, columns: [{name: id, data_tests: [{relationships: {to: ref('s'), field: id}}]}]}]")
                .file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('a') }}{% endsnapshot %}");
        assertThat(run.build()).noneMatch(line -> line.contains("error"));
        state = directory.resolve("production");
        try {
            Files.createDirectories(state);
            Files.copy(
                    directory.resolve("target/manifest.json"),
                    state.resolve("manifest.json"),
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run.schema("dev")
                .model("a", "{{ config(materialized='table') }} select id, 'development' as place from {{ ref('s') }}");
    }

    private List<NodeResult> build(Deferral.Preference preference, String... ids) {
        ParsedProject parsed = run.project.parse();
        parsed.defer(Deferral.read(state, preference));
        List<NodeResult> results = run.results(parsed, Set.of(ids));
        assertThat(results).hasSize(ids.length).allSatisfy(result -> assertThat(
                        result.status().isBad())
                .as(result.message().orElse(""))
                .isFalse());
        return results;
    }

    private static String test(RunFixture run) {
        return run.project.parse().nodes().stream()
                .map(Node::uniqueId)
                .filter(id -> id.startsWith("test."))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotBuiltHereIsReadThere(Warehouse warehouse) {
        open(warehouse);
        build(Deferral.Preference.OWN, "model.demo.b", "snapshot.demo.h", test(run));
        assertThat(run.relations("dev")).containsExactly("b", "h");
        assertThat(run.query("select distinct place from dev.b union all select distinct place from dev.h"))
                .containsExactly("production", "production");
        build(Deferral.Preference.OWN, "model.demo.a", "model.demo.b");
        assertThat(run.query("select distinct place from dev.b")).containsExactly("development");
        build(Deferral.Preference.STATE, "model.demo.b");
        assertThat(run.query("select distinct place from dev.b")).containsExactly("production");
        build(Deferral.Preference.STATE, "model.demo.a", "model.demo.b");
        assertThat(run.query("select distinct place from dev.b")).containsExactly("development");
    }

    @ParameterizedTest
    @EnumSource
    void clonesAreViewsOfWhatWasBuilt(Warehouse warehouse) {
        open(warehouse);
        assertThat(cloned("b", "a", "s", "h")).containsOnly("success");
        assertThat(run.relations("dev")).containsExactly("a", "b", "h", "s");
        assertThat(run.query("select table_type from information_schema.tables where table_schema = 'dev'"))
                .containsOnly("VIEW");
        assertThat(run.query("select distinct place from dev.a")).containsExactly("production");
        assertThat(cloned("a")).containsExactly("success No-op");
        run.model("new", "select 1 as id");
        assertThat(cloned("new")).containsExactly("success No-op");
    }

    private List<String> cloned(String... names) {
        ParsedProject parsed = run.project.parse();
        parsed.defer(Deferral.read(state, Deferral.Preference.OWN));
        ProjectRun clone = new ProjectRun(parsed, new RunSettings(2, false, false), node -> "", Clock.systemUTC());
        List<Node> nodes = parsed.nodes().stream()
                .filter(node -> Set.of(names).contains(node.name()))
                .toList();
        return clone.clone(nodes, Map.of(), RunFixture.SILENT).results().stream()
                .map(result ->
                        result.status().word() + (result.message().orElse("").equals("No-op") ? " No-op" : ""))
                .toList();
    }
}

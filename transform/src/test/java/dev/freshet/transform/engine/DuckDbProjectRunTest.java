package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DuckDbProjectRunTest extends ProjectRunTest {

    @Override
    RunFixture fixture(Path directory) {
        Path file = directory.resolve("warehouse.duckdb");
        return new RunFixture(
                directory, "{type: duckdb, path: '" + file + "', schema: lake, threads: 4}", "jdbc:duckdb:" + file);
    }

    @Test
    void aDatabaseInMemoryLivesAsLongAsTheRun() {
        RunFixture fixture = new RunFixture(directory, "{type: duckdb, path: ':memory:', threads: 3}", "jdbc:duckdb:");
        fixture.model("a", "{{ config(materialized='table') }} select 1 as id")
                .model("b", "{{ config(materialized='table') }} select id from {{ ref('a') }}");
        List<NodeResult> results = fixture.results(fixture.project.parse(), new RunSettings(3, false, false));
        assertThat(results).allMatch(result -> result.status() == NodeResult.Status.SUCCESS);
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.project.node.Node;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    @Test
    void namesAreTheSameInAnyCase() {
        run.query("create schema \"Lake\"");
        run.model(
                "Kept",
                "{{ config(materialized='incremental') }} select {{ 1 if is_incremental() else 0 }} as round,"
                        + " {{ adapter.get_columns_in_relation(this) | length }} as columns");
        run.build();
        assertThat(run.build()).containsExactly("Kept success OK");
        assertThat(run.query("select * from lake.kept order by 1")).containsExactly("0 0", "1 2");
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aDefectEndsTheRunAndIsWaitedForByNobody() {
        run.model("a", "select 1 as id");
        RunListener broken = new RunListener() {
            @Override
            public void started(int number, int total, Node node) {
                throw new NoClassDefFoundError("gone");
            }

            @Override
            public void ended(int number, int total, NodeResult result) {}
        };
        assertThatThrownBy(() -> run.results(run.project.parse(), new RunSettings(1, false, false), broken))
                .isInstanceOf(NoClassDefFoundError.class);
    }
}

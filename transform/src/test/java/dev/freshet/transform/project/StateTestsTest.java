package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.DataTest;
import dev.freshet.transform.project.node.DataTest.Mode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which data tests the service judges by itself, and what it takes from their settings. */
class StateTestsTest {

    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId KEPT = new TableId("warehouse", "analytics", "kept");
    private static final TableId BELOW = new TableId("warehouse", "analytics", "below");

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void project() {
        project = new ProjectOnDisk(directory)
                .withSources()
                .model("kept", "select * from {{ source('shop', 'orders') }}")
                .model("inlined", "{{ config(materialized='ephemeral') }} select id from {{ ref('kept') }}")
                .model("below", "select id from {{ ref('inlined') }}");
    }

    @Test
    void aGenericTestIsCompiledForTheStateStoreWithItsTerms() {
        project.file(
                "models/tests.yml",
                """
                models:
                  - name: kept
                    columns:
                      - name: id
                        data_tests:
                          - unique:
                              config: {severity: warn, warn_if: "> 2", error_if: "> 10", limit: 20, fail_calc: sum(n_records), meta: {freshet: {mode: gate}}}
                """);
        DataTest test = only();
        assertThat(test.name()).isEqualTo("unique_kept_id");
        assertThat(test.mode()).contains(Mode.GATE);
        assertThat(test.inputs()).containsExactly(KEPT);
        assertThat(test.guarded()).containsExactly(KEPT);
        assertThat(test.sql()).contains("from \"warehouse.analytics\".\"kept\"");
        assertThat(test.terms())
                .isEqualTo(new DataTest.Terms(false, "sum(n_records)", "> 2", "> 10", OptionalLong.of(20)));
        assertThat(test.verdictQuery()).contains("coalesce((sum(n_records) > 10)::BOOLEAN", "limit 20");
    }

    @Test
    void aTestLooksThroughEphemeralModelsAndVouchesForAllThatIsMadeOfASource() {
        project.file("tests/singular.sql", "select * from {{ ref('inlined') }} where id is null");
        project.file(
                "models/tests.yml",
                """
                sources:
                  - name: shop
                    connection: shop
                    schema: public
                    tables:
                      - name: orders
                        columns: [{name: id, data_tests: [not_null]}]
                """);
        project.without("models/sources.yml");
        var tests = project.loadMaintained().tests();
        assertThat(tests).hasSize(2).allSatisfy(test -> assertThat(test.mode()).isEqualTo(Optional.empty()));
        assertThat(tests)
                .filteredOn(test -> test.name().equals("singular"))
                .singleElement()
                .satisfies(test -> assertThat(test.inputs()).containsExactly(KEPT));
        assertThat(tests)
                .filteredOn(test -> test.inputs().contains(ORDERS))
                .singleElement()
                .satisfies(test -> assertThat(test.guarded()).containsExactly(BELOW, KEPT));
    }

    @Test
    void whatTheServiceDoesNotHoldIsNotJudgedAndCannotBeAGate() {
        project.file("tests/elsewhere.sql", "select * from {{ source('crm', 'customers') }}");
        project.file(
                "tests/silent.sql", "{{ config(meta={'freshet': {'mode': 'off'}}) }} select * from {{ ref('kept') }}");
        assertThat(project.loadMaintained().tests()).isEmpty();
        project.file(
                "tests/elsewhere.sql",
                "{{ config(meta={'freshet': {'mode': 'gate'}}) }} select * from {{ source('crm', 'customers') }}");
        assertThatThrownBy(project::loadMaintained)
                .hasMessageContaining("tests/elsewhere.sql")
                .hasMessageContaining("can't be a gate");
        project.file(
                "tests/elsewhere.sql",
                "{{ config(meta={'freshet': {'mode': 'gates'}}) }} select * from {{ ref('kept') }}");
        assertThatThrownBy(project::loadMaintained).hasMessageContaining("did you mean 'gate'?");
    }

    @Test
    void aTestThatCannotBeCompiledIsTold() {
        project.file(
                "tests/broken.sql",
                "{% do exceptions.raise_compiler_error('no') if execute %} select * from {{ ref('kept') }}");
        assertThat(project.loadMaintained().tests()).isEmpty();
        assertThat(project.loadMaintained().warnings())
                .anySatisfy(warning ->
                        assertThat(warning).contains("tests/broken.sql").contains("the service can't judge this test"));
    }

    private DataTest only() {
        assertThat(project.loadMaintained().tests()).hasSize(1);
        return project.loadMaintained().tests().get(0);
    }
}

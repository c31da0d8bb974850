package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** unit_tests: in properties files, as the manifest has them. */
class UnitTestNodesTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithModels() {
        project = new ProjectOnDisk(directory)
                .file("seeds/orders.csv", "id,amount\n1,\n2,7\n")
                .file("models/shop.yml", "sources: [{name: shop, tables: [{name: items}]}]")
                .model("sums", "select * from {{ ref('orders') }}, {{ source('shop', 'items') }}");
    }

    private Map<String, Map<String, @Nullable Object>> unitTests(String yaml) {
        project.file("models/unit.yml", yaml);
        return project.parse().manifest().section("unit_tests");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertMistake(String yaml) {
        project.file("models/unit.yml", yaml);
        return assertThatThrownBy(() -> project.parse());
    }

    /** The checksums are those of Python's own rendering of the same objects. */
    @Test
    void readsRowsAndHashesThemAsDbtDoes() {
        project.file("tests/fixtures/items.csv", "id,name\n1,\"a, b\"\n2,\n");
        Map<String, @Nullable Object> sums = unitTests(
                        """
                        unit_tests:
                          - name: adds
                            model: sums
                            overrides: {vars: {a: [1, x]}}
                            given:
                              - input: ref('orders')
                                rows:
                                  - {id: 1, amount: 2.5, note: "it's"}
                                  - {id: null, amount: true, note: null}
                              - {input: "source('shop', 'items')", format: csv, fixture: items}
                            expect: {format: sql, rows: select 1 as id}
                        """)
                .get("unit_test.demo.sums.adds");
        assertThat(sums)
                .containsEntry("checksum", "f4c6067d11b0481c7f86e7afc09f7801cb3460e2a7b896b36b5c5dd25c48d2ab")
                .containsEntry("schema", "analytics");
        assertThat(String.valueOf(sums.get("given")))
                .contains("{input=source('shop', 'items'), rows=[{id=1, name=a, b}, {id=2, name=null}], format=csv");
    }

    @Test
    void theRowsOfASeedAreItsOwnAndTheFirstCompleteRowLeads() {
        Map<String, @Nullable Object> sums = unitTests(
                        """
                        unit_tests:
                          - name: adds
                            model: sums
                            given:
                              - input: ref('orders')
                              - {input: "source('shop', 'items')", rows: [{a: null}, {a: 1}]}
                            expect: {rows: []}
                        """)
                .get("unit_test.demo.sums.adds");
        assertThat(String.valueOf(sums.get("given")))
                .contains("rows=[{id=1, amount=}, {id=2, amount=7}]")
                .contains("rows=[{a=1}, {a=null}]");
    }

    @Test
    void eachTestedVersionIsANode() {
        project.model("days_v1", "select 1 as n")
                .model("days_v2", "select 2 as n")
                .model("days_v3", "select 3 as n")
                .file("models/days.yml", "models: [{name: days, versions: [{v: 1}, {v: 2}, {v: 3}]}]");
        Map<String, Map<String, @Nullable Object>> all = unitTests(
                """
                unit_tests:
                  - {name: some, model: days, versions: {exclude: [1]}, expect: {rows: [{n: 1}]}}
                  - {name: every, model: days, expect: {rows: [{n: 1}]}}
                  - {name: few, model: days, versions: {include: [3]}, expect: {rows: [{n: 1}]}}
                """);
        assertThat(all)
                .containsOnlyKeys(
                        "unit_test.demo.days.some_v2",
                        "unit_test.demo.days.some_v3",
                        "unit_test.demo.days.every_v1",
                        "unit_test.demo.days.every_v2",
                        "unit_test.demo.days.every_v3",
                        "unit_test.demo.days.few_v3");
        assertThat(all.get("unit_test.demo.days.some_v3"))
                .containsEntry("version", 3L)
                .containsEntry("depends_on", Map.of("macros", List.of(), "nodes", List.of("model.demo.days.v3")))
                .containsEntry("checksum", "8fadcc0a4f6330a8f043ad885addc9ac7a83c140954e816f2ba441c391a2aaf4");
    }

    @Test
    void anIncrementalModelNeedsToBeToldWhatItIs() {
        project.model("more", "select 1 as id {% if is_incremental() %}from {{ this }}{% endif %}");
        assertMistake("unit_tests: [{name: u, model: more, expect: {rows: []}}]")
                .hasMessageContaining(
                        "models/unit.yml:1: unit test 'u' must say what is_incremental() is for model 'more': overrides: {macros: {is_incremental: false}}");
        assertMistake(
                        "unit_tests: [{name: u, model: more, overrides: {macros: {is_incremental: true}}, expect: {rows: []}}]")
                .hasMessageContaining(
                        "unit test 'u' must give the rows that model 'more' has already: an entry of 'given' with input: this");
    }

    @Test
    void mistakesAreNamed() {
        assertMistake(
                        """
                        unit_tests:
                          - name: u
                            model: sums
                            given:
                              - {input: ref('orders'), format: cvs, rows: ''}
                            expect: {rows: []}
                        """)
                .hasMessageContaining("models/unit.yml:5: 'cvs' is not a format of rows; did you mean 'csv'?");
        project.file("tests/fixtures/items.csv", "id\n1\n");
        assertMistake(
                        "unit_tests: [{name: u, model: sums, given: [{input: this, format: csv, fixture: itms}], expect: {rows: []}}]")
                .hasMessageContaining(
                        "models/unit.yml:1: there is no file 'itms.csv' in tests/fixtures; did you mean 'items'?");
        assertMistake("unit_tests: [{name: u, model: sums, given: [{input: ref('sums')}], expect: {rows: []}}]")
                .hasMessageContaining("'ref('sums')' is given no 'rows', and it is no seed whose rows are known");
        assertMistake("unit_tests: [{name: u, model: sums, versions: {include: [1]}, expect: {rows: []}}]")
                .hasMessageContaining("models/unit.yml:1: model 'sums' has no versions: remove 'versions'");
        assertMistake("unit_tests: [{name: u, model: sums, expect: {rows: x}}]")
                .hasMessageContaining("the rows of format 'dict' must be a list of mappings: rows: [{id: 1}]");
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unit tests run as dbt runs them. */
class UnitTestRunTest {

    @TempDir
    Path directory;

    private RunFixture shop(Warehouse warehouse) {
        RunFixture run = warehouse.fixture(directory);
        run.query("create schema raw");
        run.query("create table raw.items (id bigint, price numeric(10, 2), note varchar)");
        return run.file("seeds/orders.csv", "id,item,day\n1,1,2024-01-01\n")
                .file("models/raw.yml", "sources: [{name: raw, tables: [{name: items}]}]")
                .model(
                        "sums",
                        """
                        {{ config(materialized='table') }}
                        select o.id, sum(i.price * {{ var('factor', 1) }}) as total, max(i.note) as note, max(o.day) as day
                        from {{ ref('orders') }} as o join {{ source('raw', 'items') }} as i on i.id = o.item
                        group by o.id
                        """)
                .model("after", "select * from {{ ref('sums') }}");
    }

    private static final String GIVEN =
            """
                given:
                  - input: ref('orders')
                    rows: [{id: 1, item: 7, day: 2024-02-03}, {id: 2, item: null}, {id: 3, item: 8}]
                  - input: source('raw', 'items')
                    format: csv
                    rows: |
                      id,price,note
                      7,1.50,it's
                      7,2.25,
                      8,,
            """;

    @ParameterizedTest
    @EnumSource
    void whatAModelMakesOfGivenRowsIsWhatIsExpected(Warehouse warehouse) {
        RunFixture run = shop(warehouse);
        run.file(
                "models/unit.yml",
                """
                unit_tests:
                  - name: adds
                    model: sums
                """
                        + GIVEN
                        + """
                    expect:
                      rows: [{id: 3, total: null, note: null}, {ID: 1, total: 3.75, note: it's}]
                  - name: only_the_day
                    model: sums
                """
                        + GIVEN
                        + """
                    overrides: {vars: {factor: 10}}
                    expect: {format: sql, rows: "select 1 as id, 37.5 as total, 'it''s' as note, cast('2024-02-03' as date) as day union all select 3, null, null, null"}
                  - name: nothing
                    model: sums
                    given: [{input: ref('orders'), rows: []}, {input: "source('raw', 'items')", rows: []}]
                    expect: {rows: []}
                """);
        assertThat(run.build())
                .containsExactlyInAnyOrder(
                        "orders success INSERT 1",
                        "adds pass",
                        "only_the_day pass",
                        "nothing pass",
                        "sums success " + (warehouse == Warehouse.POSTGRES ? "SELECT 0" : "OK"),
                        "after success " + (warehouse == Warehouse.POSTGRES ? "CREATE VIEW" : "OK"));
        assertThat(run.relations("lake")).containsExactly("after", "orders", "sums");
        assertThat(directory.resolve("target/compiled/demo/models/unit.yml/models/adds.sql"))
                .content()
                .contains("__dbt__cte__orders", "__dbt__cte__raw__items", "-- Fixture for orders");
    }

    @ParameterizedTest
    @EnumSource
    void aDifferenceIsShownAndStopsTheModelAndWhatComesAfter(Warehouse warehouse) {
        RunFixture run = shop(warehouse);
        run.file(
                "models/unit.yml",
                """
                unit_tests:
                  - name: wrong
                    model: sums
                """
                        + GIVEN
                        + "    expect: {rows: [{id: 1, note: it's not}, {id: 4, note: gone}, {id: 3, note: null}]}\n");
        List<String> results = run.build();
        assertThat(results)
                .contains(
                        "wrong fail \n\nactual differs from expected:\n\n"
                                + "@@ ,id,note\n→  ,1 ,it's not→it's\n---,4 ,gone\n   ,3 ,NULL\n\n",
                        "sums skipped",
                        "after skipped");
        assertThat(run.relations("lake")).containsExactly("orders");
        run.assertValidResults();
    }

    @ParameterizedTest
    @EnumSource
    void macrosTheEnvironmentAndTheRowsThatAreThereCanBeGiven(Warehouse warehouse) {
        RunFixture run = shop(warehouse);
        run.file("macros/m.sql", "{% macro today() %}current_date{% endmacro %}")
                .file("packages.yml", "packages: [{local: other}]")
                .file("other/dbt_project.yml", "name: other\n")
                .file(
                        "other/macros/m.sql",
                        "{% macro two() %}2{% endmacro %}{% macro three() %}{{ other.two() }} + 1{% endmacro %}")
                .file("dbt_packages/other/dbt_project.yml", "name: other\n")
                .file(
                        "dbt_packages/other/macros/m.sql",
                        "{% macro two() %}2{% endmacro %}{% macro three() %}{{ other.two() }} + 1{% endmacro %}")
                .model(
                        "days",
                        """
                        {{ config(materialized='incremental') }}
                        select id, {{ today() }} as day, '{{ env_var('PLACE', 'here') }}' as place, {{ other.two() }} as two, {{ other.three() }} as three
                        from {{ ref('orders') }}
                        {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
                        """)
                .file(
                        "models/unit.yml",
                        """
                        unit_tests:
                          - name: more
                            model: days
                            overrides:
                              macros: {is_incremental: true, today: "cast('2024-01-01' as date)", other.two: 20}
                              env_vars: {PLACE: there}
                            given:
                              - {input: ref('orders'), rows: [{id: 1}, {id: 2}, {id: 3}]}
                              - {input: this, rows: [{id: 2}]}
                            expect: {rows: [{id: 3, day: 2024-01-01, place: there, two: 20, three: 21}]}
                        """);
        // Where its own rows' types come from has to be there.
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("more error")
                        && line.contains("Not able to get columns for unit test 'days' from relation"))
                .contains("days skipped");
        assertThat(run.results(run.project.parse(), Set.of("model.demo.days")))
                .allSatisfy(result -> assertThat(result.message().orElse("")).doesNotContain("Error"));
        assertThat(run.build()).contains("more pass").anyMatch(line -> line.startsWith("days success"));
    }

    @ParameterizedTest
    @EnumSource
    void eachVersionIsTestedAndMistakesAreNamed(Warehouse warehouse) {
        RunFixture run = shop(warehouse);
        run.model("days_v1", "select id + 1 as n from {{ ref('orders') }}")
                .model("days_v2", "select id + 2 as n from {{ ref('orders') }}")
                .file("models/days.yml", "models: [{name: days, versions: [{v: 1}, {v: 2}]}]")
                .file(
                        "models/unit.yml",
                        """
                        unit_tests:
                          - {name: plus, model: days, given: [{input: ref('orders'), rows: [{id: 1}]}], expect: {rows: [{n: 3}]}}
                          - {name: missing, model: after, given: [], expect: {rows: []}}
                          - {name: column, model: after, given: [{input: ref('sums'), rows: [{idd: 1}]}], expect: {rows: []}}
                          - {name: result, model: days, versions: {include: [1]}, given: [{input: ref('orders'), rows: []}], expect: {rows: [{m: 1}]}}
                          - {name: input, model: days, versions: {include: [1]}, given: [{input: orders, rows: []}], expect: {rows: []}}
                        """);
        assertThat(run.results(run.project.parse(), Set.of("seed.demo.orders", "model.demo.sums")))
                .allMatch(result -> result.status() == NodeResult.Status.SUCCESS);
        List<String> results = run.build();
        assertThat(results)
                .contains(
                        "plus_v1 fail \n\nactual differs from expected:\n\n@@ ,n\n---,3\n+++,2\n\n",
                        "plus_v2 pass",
                        "days skipped");
        assertThat(find(results, "missing error"))
                .contains(
                        "unit_test missing (models/unit.yml)",
                        "unit test 'missing' gives no rows of ref('sums'), which model 'after' reads");
        assertThat(find(results, "column error"))
                .contains("Invalid column name: 'idd' in unit test fixture for 'sums'.", "['id', 'total',");
        assertThat(find(results, "result_v1 error"))
                .contains("Invalid column name: 'm' in unit test fixture for expected output.", "['n']");
        assertThat(find(results, "input_v1 error"))
                .contains("Unit test given inputs must either be a 'ref', 'source' or 'this' call. Got: 'orders'.");
    }

    private static String find(List<String> results, String start) {
        return Stream.concat(results.stream(), Stream.of(""))
                .filter(line -> line.startsWith(start) || line.isEmpty())
                .findFirst()
                .orElseThrow();
    }
}

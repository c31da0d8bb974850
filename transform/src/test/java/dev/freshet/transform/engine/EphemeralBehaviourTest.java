package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that are common table expressions of their readers: what dbt's adapter tests ask of ephemeral ones. */
class EphemeralBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void theyStandInFrontOfTheirReadersEachOnce(Warehouse warehouse) {
        open(warehouse);
        run.file("seeds/s.csv", "id,name\n1,a\n2,b\n")
                .file(
                        "dbt_project.yml",
                        "name: demo\nprofile: demo\nmodels: {demo: {inner: {+materialized: ephemeral}}}\n")
                .file("models/inner/base.sql", "select * from {{ ref('s') }}")
                .file(
                        "models/inner/left_one.sql",
                        "with mine as (select * from {{ ref('base') }}) select id from mine where id = 1")
                .file(
                        "models/inner/right_one.sql",
                        "select id, name from {{ ref('base') }} -- the last line is a comment")
                .model(
                        "joined",
                        TABLE
                                + "with recursive l as (select * from {{ ref('left_one') }}) select r.* from l join {{ ref('right_one') }} as r on r.id = l.id join {{ ref('base') }} b on b.id = l.id")
                .file("tests/one.sql", "select * from {{ ref('left_one') }} where id <> 1")
                .file("models/p.yml", "models: [{name: right_one, columns: [{name: id, data_tests: [unique]}]}]");
        succeeds();
        assertThat(run.relations("lake")).containsExactly("joined", "s");
        assertThat(run.query("select id, name from lake.joined")).containsExactly("1 a");
        String compiled = run.project.text("target/compiled/demo/models/joined.sql");
        assertThat(compiled.split("__dbt__cte__base as")).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void theirMistakesAreThoseOfTheirReaders(Warehouse warehouse) {
        open(warehouse);
        run.model(
                        "base",
                        "{{ config(materialized='ephemeral') }} select {{ adapter.dispatch('nothing', 'demo')() }} as id")
                .file(
                        "macros/m.sql",
                        "{% macro default__nothing() %}{{ exceptions.raise_compiler_error('not this one') if execute }}{% endmacro %}")
                .model("reader", "select * from {{ ref('base') }}")
                .model("after", "select * from {{ ref('reader') }}");
        assertThat(run.build())
                .contains("after skipped")
                .anyMatch(line -> line.startsWith("reader error Compilation Error in model reader")
                        && line.contains("not this one"))
                .hasSize(2);
    }
}

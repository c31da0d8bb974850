package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statements before and after: what dbt's adapter tests ask of hooks. */
class HookBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void hooksAreTextsListsAndDictionariesInTheirOrder(Warehouse warehouse) {
        open(warehouse);
        run.query("create schema lake");
        run.query("create table lake.told (what varchar)");
        String tell = "insert into lake.told values ('%s')";
        run.file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        models:
                          demo:
                            +pre-hook: "insert into lake.told values ('project {{ this.identifier }}')"
                            +post-hook:
                              - sql: "insert into lake.told select 'after ' || count(*) from {{ ref('seeded') }}"
                                transaction: false
                              - "{{ log_it('listed') }}"
                        seeds:
                          +post-hook: "insert into lake.told values ('seed')"
                        snapshots:
                          +post-hook: "insert into lake.told values ('snapshot {{ model.name }}')"
                        """)
                .file(
                        "macros/m.sql",
                        "{% macro log_it(what) %}insert into lake.told values ('{{ what }} {{ target.name }}'){% endmacro %}")
                .file("seeds/seeded.csv", "id\n1\n")
                .file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select 1 as id{% endsnapshot %}")
                .model(
                        "m",
                        "-- depends_on: {{ ref('seeded') }}\n{{ config(materialized='table', pre_hook=\""
                                + tell.formatted("own") + "\", post_hook=['']) }} select 1 as id");
        succeeds();
        assertThat(run.query("select what from lake.told where what like 'snapshot%' or what = 'seed'"))
                .containsExactlyInAnyOrder("seed", "snapshot h");
        assertThat(run.query("select what from lake.told where what not like 'snapshot%' and what <> 'seed'"))
                .containsExactly("project m", "own", "listed dev", "after 1");
    }

    @ParameterizedTest
    @EnumSource
    void aFailingHookFailsItsNodeAndARunsHookSkipsAll(Warehouse warehouse) {
        open(warehouse);
        run.model("m", "{{ config(materialized='table', post_hook='select nothing') }} select 1 as id")
                .model("after", "select * from {{ ref('m') }}");
        assertThat(run.build())
                .contains("after skipped")
                .anyMatch(line -> line.startsWith("m error Database Error in model m"));
        assertThat(run.relations("lake")).isEmpty();
        run.model("m", "select 1 as id")
                .file("dbt_project.yml", "name: demo\nprofile: demo\non-run-start: select nothing\n");
        assertThat(run.build()).containsExactlyInAnyOrder("m skipped", "after skipped");
    }
}

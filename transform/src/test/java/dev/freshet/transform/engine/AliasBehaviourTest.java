package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Relations whose names are not those of their nodes: what dbt's adapter tests ask of aliases. */
class AliasBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void relationsHaveTheNamesThatAreConfigured(Warehouse warehouse) {
        open(warehouse);
        run.model("a", "{{ config(materialized='table', alias='other') }} select 1 as id")
                .model("b", "{{ config(alias='Mixed Case') }} select id from {{ ref('a') }}")
                .model("c", TABLE + "select id, '{{ this.identifier }} {{ model.alias }}' as name from {{ ref('b') }}")
                .file(
                        "models/p.yml",
                        "models: [{name: c, config: {alias: third}, columns: [{name: id, data_tests: [unique]}]}]")
                .file("seeds/s.csv", "id\n1\n")
                .file("seeds/p.yml", "seeds: [{name: s, config: {alias: rows}}]")
                .file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(alias='history', unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('s') }}{% endsnapshot %}");
        succeeds();
        assertThat(run.relations("lake")).containsExactlyInAnyOrder("other", "Mixed Case", "third", "rows", "history");
        assertThat(run.query("select name from lake.third")).containsExactly("third third");
    }

    @ParameterizedTest
    @EnumSource
    void oneNameMayBeTakenOnceInEachSchema(Warehouse warehouse) {
        open(warehouse);
        run.model("a", "{{ config(alias='same') }} select 1 as id")
                .model("b", "{{ config(alias='same', schema='more') }} select 2 as id");
        succeeds();
        assertThat(run.query("select id from lake.same union all select id from lake_more.same"))
                .containsExactly("1", "2");
        run.model("c", "{{ config(alias='same') }} select 3 as id");
        assertThatThrownBy(() -> run.build()).hasMessageContaining("lake.same', which belongs to model 'a'");
    }

    @ParameterizedTest
    @EnumSource
    void aProjectMayNameThemItself(Warehouse warehouse) {
        open(warehouse);
        run.file(
                        "macros/names.sql",
                        "{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ node.resource_type }}_{{ custom_alias_name or node.name }}{% endmacro %}"
                                + "{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or target.schema }}{% endmacro %}")
                .model("a", "{{ config(schema='plain') }} select 1 as id")
                .model("b", "{{ config(alias='x') }} select id from {{ ref('a') }}")
                .file("seeds/s.csv", "id\n1\n");
        succeeds();
        assertThat(run.relations("plain")).containsExactly("model_a");
        assertThat(run.relations("lake")).containsExactly("model_x", "seed_s");
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Histories of rows: what dbt's adapter tests ask of snapshots. */
class SnapshotBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void columnsThatAreNamedAreCheckedAndOthersFollow(Warehouse warehouse) {
        open(warehouse);
        run.file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols=['name', 'place']) }} select * from {{ ref('m') }}{% endsnapshot %}")
                .model("m", "select 1 as id, 'a' as name, cast(null as varchar) as place, 1 as n");
        succeeds();
        run.model("m", "select 1 as id, 'a' as name, cast(null as varchar) as place, 2 as n");
        succeeds();
        assertThat(run.query("select n from lake.h")).containsExactly("1");
        run.model("m", "select 1 as id, 'a' as name, 'x' as place, 3 as n");
        succeeds();
        run.model("m", "select 1 as id, 'a' as name, cast(null as varchar) as place, 4 as n");
        succeeds();
        assertThat(run.query("select n, place, dbt_valid_to is null from lake.h order by n"))
                .containsExactly("1 null false", "3 x false", "4 null true");
        assertThat(run.query("select count(distinct dbt_scd_id) from lake.h")).containsExactly("3");
    }

    @ParameterizedTest
    @EnumSource
    void columnsComeAndGo(Warehouse warehouse) {
        open(warehouse);
        run.file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('m') }}{% endsnapshot %}")
                .model("m", "select 1 as id, 'a' as name");
        succeeds();
        run.model("m", "select 1 as id, 'a' as name, 'new' as more");
        succeeds();
        assertThat(run.query("select id, name, more, dbt_valid_to is null from lake.h order by more nulls first"))
                .containsExactly("1 a null false", "1 a new true");
        run.model("m", "select 1 as id, 'b' as more");
        succeeds();
        assertThat(run.query("select name, more from lake.h where dbt_valid_to is null"))
                .containsExactly("null b");
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatComeBackAreNew(Warehouse warehouse) {
        open(warehouse);
        run.file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='timestamp', updated_at='at_time', hard_deletes='invalidate') }} select * from {{ ref('m') }}{% endsnapshot %}")
                .model(
                        "m",
                        "{{ config(materialized='ephemeral') }} select 1 as id, cast('2024-01-01' as timestamp) as at_time union all select 2, cast('2024-01-01' as timestamp)");
        succeeds();
        run.model(
                "m",
                "{{ config(materialized='ephemeral') }} select 1 as id, cast('2024-01-01' as timestamp) as at_time");
        succeeds();
        succeeds();
        assertThat(run.query("select id from lake.h where dbt_valid_to is null"))
                .containsExactly("1");
        run.model(
                "m",
                "{{ config(materialized='ephemeral') }} select 1 as id, cast('2024-01-01' as timestamp) as at_time union all select 2, cast('2024-01-02' as timestamp)");
        succeeds();
        assertThat(run.query("select id, dbt_valid_to is null from lake.h order by id, dbt_valid_from"))
                .containsExactly("1 true", "2 false", "2 true");
    }

    @ParameterizedTest
    @EnumSource
    void theyLiveWhereTheirConfigurationSays(Warehouse warehouse) {
        open(warehouse);
        run.file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(target_schema='archive', unique_key=\"id || '-' || part\", strategy='check', check_cols='all') }} select 1 as id, 'x' as part, '{{ var('v', 'a') }}' as name{% endsnapshot %}")
                .model("reader", TABLE + "select count(*) as n from {{ ref('h') }}");
        succeeds();
        run.project.var("v", "b");
        succeeds();
        assertThat(run.query("select n from lake.reader")).containsExactly("2");
        assertThat(run.relations("archive")).containsExactly("h");
    }

    @ParameterizedTest
    @EnumSource
    void aTableThatIsNoSnapshotAndAKeyThatIsNoneAreRefused(Warehouse warehouse) {
        open(warehouse);
        run.file(
                "snapshots/h.sql",
                "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select 1 as id{% endsnapshot %}");
        run.query("create schema lake");
        run.query("create table lake.h (id int)");
        assertThat(run.build())
                .anyMatch(line ->
                        line.startsWith("h error") && line.contains("dbt_scd_id, dbt_valid_from, dbt_valid_to"));
        run.query("drop table lake.h");
        run.query("create view lake.h as select 1 as id");
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("h error") && line.contains("A relation of type 'view'"));
    }
}

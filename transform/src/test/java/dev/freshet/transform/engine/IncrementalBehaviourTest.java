package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that are built on what they have: what dbt's adapter tests ask of unique keys, predicates and changed columns. */
class IncrementalBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void keysOfAnyFormFindTheRowsThatAreReplaced(Warehouse warehouse) {
        for (String key : List.of("'state'", "['state']", "['state', 'county']", "\"state || county\"")) {
            for (String strategy : List.of("delete+insert", "merge")) {
                if (strategy.equals("merge") && key.contains("||")) {
                    continue;
                }
                open(warehouse);
                String config = "{{ config(materialized='incremental', incremental_strategy='" + strategy
                        + "', unique_key=" + key + ") }} ";
                run.model(
                        "m",
                        config
                                + "select 'CT' as state, 'Hartford' as county, 1 as n union all select 'NY', 'Kings', 1");
                succeeds();
                run.model(
                        "m",
                        config + "select 'CT' as state, 'Hartford' as county, 2 as n union all select 'PA', 'York', 2");
                succeeds();
                assertThat(run.query("select state, n from lake.m order by state"))
                        .as(strategy + " " + key)
                        .containsExactly("CT 2", "NY 1", "PA 2");
                run.query("drop table lake.m");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAKeyRowsAreAddedAndAnUnknownKeyIsAnError(Warehouse warehouse) {
        open(warehouse);
        for (String key : List.of("none", "[]", "''")) {
            run.model("m", "{{ config(materialized='incremental', unique_key=" + key + ") }} select 1 as id");
            run.fullRefresh();
            succeeds();
            assertThat(run.query("select id from lake.m")).as(key).containsExactly("1", "1");
        }
        run.model("m", "{{ config(materialized='incremental', unique_key='thisisnotacolumn') }} select 1 as id");
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("m error Database Error") && line.contains("thisisnotacolumn"));
        assertThat(run.query("select count(*) from lake.m")).containsExactly("2");
    }

    @ParameterizedTest
    @EnumSource
    void predicatesOfMergesNameBothSides(Warehouse warehouse) {
        open(warehouse);
        String config = "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',"
                + " incremental_predicates=[\"DBT_INTERNAL_DEST.id > 1\", \"DBT_INTERNAL_SOURCE.id < 10\"]) }} ";
        run.model("m", config + "select 1 as id, 'a' as name union all select 2, 'b'");
        succeeds();
        run.model("m", config + "select 1 as id, 'c' as name union all select 2, 'd'");
        succeeds();
        assertThat(run.query("select id, name from lake.m order by 1, 2")).containsExactly("1 a", "1 c", "2 d");
    }

    @ParameterizedTest
    @EnumSource
    void aViewBecomesATableAndTextColumnsGrow(Warehouse warehouse) {
        open(warehouse);
        run.model("m", "select 1 as id, cast('ab' as varchar(2)) as name");
        succeeds();
        String config = "{{ config(materialized='incremental', on_schema_change='sync_all_columns') }} ";
        run.model("m", config + "select 1 as id, cast('ab' as varchar(2)) as name");
        succeeds();
        run.model("m", config + "select 2 as id, cast('abcdef' as varchar(10)) as name");
        succeeds();
        assertThat(run.query("select id, name from lake.m order by id")).containsExactly("1 ab", "2 abcdef");
    }

    @ParameterizedTest
    @EnumSource
    void columnsMayChangeTheirOrderAndTheirTypes(Warehouse warehouse) {
        open(warehouse);
        String config = "{{ config(materialized='incremental', unique_key='id', on_schema_change='%s') }} ";
        run.model("m", config.formatted("ignore") + "select 1 as id, 'a' as name, 5 as n");
        succeeds();
        run.model("m", config.formatted("ignore") + "select 6 as n, 2 as id, 'b' as name");
        succeeds();
        assertThat(run.query("select id, name, n from lake.m order by id")).containsExactly("1 a 5", "2 b 6");
        run.model(
                "m",
                config.formatted("sync_all_columns")
                        + "select 3 as id, 'c' as name, cast(7 as bigint) as n, true as flag");
        succeeds();
        assertThat(run.query("select id, name, n, flag from lake.m order by id"))
                .containsExactly("1 a 5 null", "2 b 6 null", "3 c 7 true");
        assertThat(
                        run.query(
                                "select data_type from information_schema.columns where table_schema = 'lake' and column_name = 'n'"))
                .singleElement()
                .asString()
                .isEqualToIgnoringCase("bigint");
    }
}

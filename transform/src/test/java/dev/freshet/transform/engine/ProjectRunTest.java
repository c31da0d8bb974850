package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What running a project does, the same on every database. */
abstract class ProjectRunTest {

    private static final String INCREMENTAL = "{{ config(materialized='incremental', %s) }}\n%s";

    @TempDir
    Path directory;

    RunFixture run;

    abstract RunFixture fixture(Path directory);

    @BeforeEach
    void open() {
        run = fixture(directory);
    }

    private static String selected(String rows) {
        return "select * from (values " + rows + ") as t(id, name)";
    }

    @Test
    void tablesViewsAndInlinedModelsExchangeTheirKinds() {
        run.model("a", "{{ config(materialized='ephemeral') }} select 1 as id")
                .model("b", "{{ config(materialized='view') }} select id + 1 as id from {{ ref('a') }}")
                .model("c", "{{ config(materialized='table') }} select id + 1 as id from {{ ref('b') }}");
        assertThat(run.build()).hasSize(2).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id from lake.c")).containsExactly("3");
        run.model("b", "{{ config(materialized='table') }} select 10 as id")
                .model("c", "{{ config(materialized='view') }} select id from {{ ref('b') }}");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id from lake.c")).containsExactly("10");
        assertThat(run.relations("lake")).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void aFailureSkipsWhatComesAfterAndKeepsTheOldTable() {
        run.model("a", "{{ config(materialized='table') }} select 1 as id")
                .model("b", "select id from {{ ref('a') }}")
                .model("other", "select 1 as id");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        run.model("a", "{{ config(materialized='table') }} select nothing as id");
        List<String> results = run.build();
        assertThat(results)
                .anySatisfy(line -> assertThat(line)
                        .startsWith("a error Database Error in model a (models/a.sql)")
                        .contains("nothing"))
                .contains("b skipped")
                .anyMatch(line -> line.startsWith("other success"));
        assertThat(run.query("select id from lake.a")).containsExactly("1");
    }

    @Test
    void incrementalModelsAppend() {
        run.model(
                "m",
                INCREMENTAL.formatted(
                        "incremental_strategy='append'",
                        "select 1 as id {% if is_incremental() %} union all select count(*) + 10 from {{ this }} {% endif %}"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id from lake.m order by id")).containsExactly("1", "1", "11");
        assertThat(run.fullRefresh()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id from lake.m")).containsExactly("1");
        assertThat(run.relations("lake")).containsExactly("m");
    }

    @Test
    void strategiesThatCannotRunAreRefused() {
        run.model("n", INCREMENTAL.formatted("incremental_strategy='upsert'", "select 1 as id"));
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("n error") && line.contains("get_incremental_upsert_sql"));
        assertThat(run.relations("lake")).isEmpty();
    }

    @Test
    void incrementalModelsReplaceTheRowsOfAKey() {
        for (String strategy : List.of("delete+insert", "merge")) {
            String name = strategy.replace('+', '_');
            String config = "incremental_strategy='" + strategy + "', unique_key='id'";
            run.model(name, INCREMENTAL.formatted(config, selected("(1, 'a'), (2, 'b')")));
            assertThat(run.build()).allMatch(line -> line.contains("success"));
            run.model(name, INCREMENTAL.formatted(config, selected("(2, 'c'), (3, 'd')")));
            assertThat(run.build()).allMatch(line -> line.contains("success"));
            assertThat(run.query("select id, name from lake." + name + " order by id"))
                    .containsExactly("1 a", "2 c", "3 d");
        }
    }

    @Test
    void mergeUpdatesTheColumnsItMay() {
        String first = "select 1 as id, 'a' as name, 'x' as note";
        String second = "select 1 as id, 'b' as name, 'y' as note";
        for (String config : List.of("merge_update_columns=['name']", "merge_exclude_columns=['note']")) {
            run.model(
                    "m",
                    INCREMENTAL.formatted("full_refresh=true, incremental_strategy='merge', unique_key='id'", first));
            assertThat(run.build()).allMatch(line -> line.contains("success"));
            run.model("m", INCREMENTAL.formatted("incremental_strategy='merge', unique_key=['id'], " + config, second));
            assertThat(run.build()).allMatch(line -> line.contains("success"));
            assertThat(run.query("select name, note from lake.m")).containsExactly("b x");
        }
    }

    @Test
    void predicatesNarrowWhatIsReplaced() {
        String config = "incremental_strategy='delete+insert', unique_key='id', incremental_predicates=[\"id <> 1\"]";
        run.model("m", INCREMENTAL.formatted(config, selected("(1, 'a'), (2, 'b')")));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        run.model("m", INCREMENTAL.formatted(config, selected("(1, 'c'), (2, 'd')")));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id, name from lake.m order by 1, 2")).containsExactly("1 a", "1 c", "2 d");
    }

    @Test
    void changedColumnsAreHandledInFourWays() {
        for (String mode : List.of("ignore", "fail", "append_new_columns", "sync_all_columns")) {
            String config = "incremental_strategy='append', on_schema_change='" + mode + "'";
            run.model(mode, INCREMENTAL.formatted(config, "select 1 as id, 'a' as old"));
        }
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        for (String mode : List.of("fail", "append_new_columns", "sync_all_columns")) {
            String config = "incremental_strategy='append', on_schema_change='" + mode + "'";
            run.model(mode, INCREMENTAL.formatted(config, "select 2 as id, 'b' as new"));
        }
        run.model(
                "ignore", INCREMENTAL.formatted("incremental_strategy='append'", "select 2 as id, 'b' as old, 3 as n"));
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("fail error") && line.contains("out of sync"))
                .filteredOn(line -> line.contains("success"))
                .hasSize(3);
        assertThat(run.query("select * from lake.\"ignore\" order by id")).containsExactly("1 a", "2 b");
        assertThat(run.query("select * from lake.append_new_columns order by id"))
                .containsExactly("1 a null", "2 null b");
        assertThat(run.query("select * from lake.sync_all_columns order by id")).containsExactly("1 null", "2 b");
    }

    @Test
    void hooksRunInsideAndOutsideTheTransaction() {
        run.file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        on-run-start: "create table if not exists {{ target.schema }}.told (what varchar, result varchar)"
                        on-run-end: ["insert into {{ target.schema }}.told values ('end', '{{ results | length }} {{ results[0].status }} {{ schemas | join }}')"]
                        models:
                          demo:
                            +post-hook: "insert into {{ target.schema }}.told select '{{ this.name }}', count(*)::varchar from {{ this }}"
                        """)
                .model(
                        "m",
                        "{{ config(materialized='table', pre_hook=[before_begin(\"insert into \" ~ target.schema ~ \".told values ('before', '')\"),"
                                + " {'sql': \"insert into lake.told values ('within', '')\", 'transaction': true}]) }} select 1 as id");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select what, result from lake.told"))
                .containsExactly("before ", "within ", "m 1", "end 1 success lake");
        assertThat(run.hooks).containsExactly("demo.on-run-start.0", "demo.on-run-end.0");
        run.model(
                "m",
                "{{ config(materialized='table', pre_hook=\"insert into lake.told values ('lost', '')\") }} select x");
        assertThat(run.build()).anyMatch(line -> line.startsWith("m error"));
        assertThat(run.query("select what from lake.told where what = 'lost'")).isEmpty();
    }

    @Test
    void seedsAreTypedAndReloaded() {
        run.file(
                        "seeds/s.csv",
                        "id,price,day,at,flag,name\n1,1.5,2024-01-02,2024-01-02 03:04:05,true,\"a, b\"\n2,,,,false,\n")
                .file("seeds/properties.yml", "seeds: [{name: s, config: {column_types: {name: varchar(20)}}}]");
        assertThat(run.build()).singleElement().asString().startsWith("s success INSERT 2");
        assertThat(run.build()).singleElement().asString().startsWith("s success INSERT 2");
        assertThat(run.query("select id + 1, price * 2, day + 1 > day, flag, name from lake.s order by id"))
                .containsExactly("2 3.0 true true a, b", "3 null null false null");
        run.file("seeds/s.csv", "id,other\n7,x\n");
        assertThat(run.fullRefresh()).singleElement().asString().startsWith("s success CREATE 1");
        assertThat(run.query("select * from lake.s")).containsExactly("7 x");
    }

    @Test
    void testsJudgeBySeverityAndThresholds() {
        run.model("m", "select 1 as id union all select 1 union all select null")
                .file(
                        "models/m.yml",
                        """
                        models:
                          - name: m
                            columns:
                              - name: id
                                data_tests:
                                  - not_null
                                  - unique: {name: warns, config: {severity: warn}}
                                  - not_null: {name: between, config: {warn_if: '>= 1', error_if: '> 1'}}
                                  - not_null: {name: narrowed, config: {where: 'id is not null'}}
                                  - not_null: {name: stored, config: {store_failures: true, severity: warn}}
                                  - accepted_values: {name: broken, arguments: {values: ['a']}, config: {where: 'nothing = 1', severity: warn}}
                        """)
                .file("tests/single.sql", "select * from {{ ref('m') }} where id > 1");
        assertThat(run.build())
                .contains(
                        "not_null_m_id fail Got 1 result, configured to fail if != 0",
                        "warns warn Got 1 result, configured to warn if != 0",
                        "between warn Got 1 result, configured to warn if >= 1",
                        "narrowed pass",
                        "stored warn Got 1 result, configured to warn if != 0",
                        "single pass")
                .anyMatch(line -> line.startsWith("broken error Database Error in test broken (models/m.yml)"));
        assertThat(run.query("select * from lake_dbt_test__audit.stored")).containsExactly("null");
    }

    @Test
    void aFailingTestStopsWhatReadsItsModel() {
        run.model("a", "select 1 as id union all select null")
                .model("b", "select * from {{ ref('a') }}")
                .model("c", "select * from {{ ref('b') }}")
                .file("models/m.yml", "models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]");
        assertThat(run.build())
                .contains("not_null_a_id fail Got 1 result, configured to fail if != 0", "b skipped", "c skipped");
        assertThat(run.relations("lake")).containsExactly("a");
    }

    @Test
    void snapshotsKeepWhatRowsWere() {
        for (String hardDeletes : List.of("ignore", "invalidate", "new_record")) {
            run.file(
                    "snapshots/" + hardDeletes + ".sql",
                    "{% snapshot s_" + hardDeletes
                            + " %}{{ config(unique_key='id', strategy='check', check_cols='all', hard_deletes='"
                            + hardDeletes + "') }} select * from {{ ref('m') }}{% endsnapshot %}");
        }
        run.file(
                "snapshots/timed.sql",
                "{% snapshot timed %}{{ config(unique_key=['id'], strategy='timestamp', updated_at='seen_at') }} select id, name, case when name = 'c' then timestamp '2024-02-01 00:00:00' else timestamp '2024-01-01 00:00:00' end as seen_at from {{ ref('m') }}{% endsnapshot %}");
        run.model("m", selected("(1, 'a'), (2, 'b')"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        run.model("m", selected("(1, 'c')"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        String history = " order by id, name, dbt_valid_from";
        assertThat(run.query("select id, name, dbt_valid_to is null from lake.s_ignore" + history))
                .containsExactly("1 a false", "1 c true", "2 b true");
        assertThat(run.query("select id, name, dbt_valid_to is null from lake.s_invalidate" + history))
                .containsExactly("1 a false", "1 c true", "2 b false");
        assertThat(run.query("select id, name, dbt_valid_to is null, dbt_is_deleted from lake.s_new_record" + history))
                .containsExactly("1 a false False", "1 c true False", "2 b false False", "2 b true True");
        assertThat(run.query("select id, name, dbt_valid_from = dbt_updated_at, dbt_valid_to is null from lake.timed"
                        + history))
                .containsExactly("1 a true false", "1 c true true", "2 b true true");
        run.model("m", selected("(1, 'c'), (2, 'e')"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id, name, dbt_valid_to is null, dbt_is_deleted from lake.s_new_record" + history))
                .containsExactly(
                        "1 a false False", "1 c true False", "2 b false False", "2 b false True", "2 e true False");
    }

    @Test
    void aProjectReplacesMacrosAndMaterializations() {
        run.file(
                        "macros/own.sql",
                        """
                        {% materialization stamped, default %}
                          {% set target = this.incorporate(type='table') %}
                          {% do drop_relation_if_exists(load_relation(target)) %}
                          {% call statement('main') %}create table {{ target }} as select t.*, 'stamp' as stamp from ({{ sql }}) as t{% endcall %}
                          {% do adapter.commit() %}
                          {{ return({'relations': [target]}) }}
                        {% endmaterialization %}
                        {% macro get_incremental_twice_sql(arg_dict) %}
                          {{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }};
                          {{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }}
                        {% endmacro %}
                        {% macro default__create_view_as(relation, sql) %}create view {{ relation }} as select t.*, 'seen' as mark from ({{ sql }}) as t{% endmacro %}
                        """)
                .model("a", "{{ config(materialized='stamped') }} select 1 as id")
                .model("b", "{{ config(materialized='incremental', incremental_strategy='twice') }} select 1 as id")
                .model("c", "select 1 as id");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select * from lake.a")).containsExactly("1 stamp");
        assertThat(run.query("select * from lake.b")).containsExactly("1", "1", "1");
        assertThat(run.query("select * from lake.c")).containsExactly("1 seen");
    }

    @Test
    void contractsAreKept() {
        String config = "{{ config(materialized='table', contract={'enforced': true}) }}";
        run.file(
                "models/m.yml",
                "models: [{name: m, columns: [{name: id, data_type: integer, constraints: [{type: not_null}]}, {name: name, data_type: varchar}]}]");
        run.model("m", config + "select cast('a' as varchar) as name, 1 as id");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select id, name from lake.m")).containsExactly("1 a");
        run.model("m", config + "select cast('a' as varchar) as name, cast(null as integer) as id");
        assertThat(run.build()).singleElement().asString().startsWith("m error Database Error");
        run.model("m", config + "select 1 as id");
        assertThat(run.build())
                .singleElement()
                .asString()
                .contains("m error Compilation Error in model m", "enforced contract", "name");
    }

    @Test
    void nodesRunSideBySideAndTheFirstFailureMayEndTheRun() throws IOException {
        for (int i = 0; i < 12; i++) {
            run.model("m" + i, "{{ config(materialized='table') }} select " + i + " as id");
        }
        run.model(
                "all",
                "{% for i in range(12) %}select id from {{ ref('m' ~ i) }} {{ 'union all' if not loop.last }} {% endfor %}");
        List<NodeResult> results = run.results(run.project.parse(), new RunSettings(4, false, false));
        assertThat(results).allMatch(result -> result.status() == NodeResult.Status.SUCCESS);
        assertThat(results).extracting(NodeResult::thread).contains("Thread-1 (worker)", "Thread-4 (worker)");
        assertThat(run.query("select sum(id) from lake.\"all\"")).containsExactly("66");
        run.model("m0", "select nothing");
        results = run.results(run.project.parse(), new RunSettings(1, true, false));
        assertThat(results.stream().filter(result -> result.status() == NodeResult.Status.SKIPPED))
                .hasSize(12);
        JsonNode file = new ObjectMapper()
                .readTree(directory.resolve("target/run_results.json").toFile());
        assertThat(file.path("results")).hasSize(13);
    }

    @Test
    void runResultsHaveEveryKey() throws IOException {
        run.model("a", "select 1 as id").model("b", "select x").file("seeds/s.csv", "id\n1\n");
        run.file("models/m.yml", "models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]");
        run.build();
        JsonNode file = new ObjectMapper()
                .readTree(directory.resolve("target/run_results.json").toFile());
        assertThat(file.path("results")).hasSize(4).allSatisfy(result -> {
            Set<String> keys = new java.util.TreeSet<>();
            result.fieldNames().forEachRemaining(keys::add);
            assertThat(keys)
                    .containsExactly(
                            "adapter_response",
                            "batch_results",
                            "compiled",
                            "compiled_code",
                            "execution_time",
                            "failures",
                            "message",
                            "relation_name",
                            "status",
                            "thread_id",
                            "timing",
                            "unique_id");
        });
        run.assertValidResults();
        assertThat(Files.readString(directory.resolve("target/compiled/demo/models/a.sql")))
                .isEqualTo("select 1 as id");
    }

    @Test
    void theStatementsThatRanAreWritten() {
        run.model("a", "select 1 as id").file("seeds/s.csv", "id\n1\n");
        run.file("models/m.yml", "models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]");
        run.build();
        assertThat(directory.resolve("target/run/demo/models/a.sql"))
                .content()
                .contains("create view", "select 1 as id");
        assertThat(directory.resolve("target/run/demo/seeds/s.csv"))
                .content()
                .contains("create table", "-- dbt seed --");
        assertThat(directory.resolve("target/run/demo/models/m.yml/not_null_a_id.sql"))
                .content()
                .contains("as should_error");
    }
}

package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What configurations change of seeds, snapshots, tests and tables. */
class ConfigRunTest {

    @TempDir
    Path directory;

    private RunFixture run;

    @ParameterizedTest
    @EnumSource
    void seedsHaveDelimitersAndQuotedColumns(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.file("seeds/s.csv", "id;Full Name;note\n1;a, b;\"x;y\"\n")
                .file("seeds/t.csv", "Id\tTEXT\n1\tb\n")
                .file("seeds/plain.csv", "Id,TEXT\n1,b\n")
                .file(
                        "seeds/p.yml",
                        """
                        seeds:
                          - {name: s, config: {delimiter: ";", quote_columns: true}}
                          - {name: t, config: {delimiter: "\\t", quote_columns: true}}
                          - {name: plain, config: {quote_columns: false}}
                        """);
        assertThat(run.build()).allMatch(line -> line.contains("success INSERT 1"));
        assertThat(run.query("select id, \"Full Name\", note from lake.s")).containsExactly("1 a, b x;y");
        assertThat(run.query("select column_name from information_schema.columns where table_name = 't' order by 1"))
                .containsExactly("Id", "TEXT");
        assertThat(
                        run.query(
                                "select column_name from information_schema.columns where table_name = 'plain' order by lower(column_name)"))
                .containsExactlyElementsOf(
                        warehouse == Warehouse.POSTGRES ? List.of("id", "text") : List.of("Id", "TEXT"));
    }

    @ParameterizedTest
    @EnumSource
    void testsStoreWhatFails(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.model("m", "select 1 as id, 'a' as name union all select null, 'b' union all select null, 'c'")
                .file(
                        "tests/as_view.sql",
                        "{{ config(store_failures_as='view') }} select * from {{ ref('m') }} where id is null")
                .file(
                        "tests/as_table.sql",
                        "{{ config(store_failures_as='table', limit=1) }} select * from {{ ref('m') }} where id is null")
                .file(
                        "tests/as_nothing.sql",
                        "{{ config(store_failures_as='ephemeral', store_failures=true) }} select * from {{ ref('m') }} where id is null")
                .file(
                        "tests/turned_off.sql",
                        "{{ config(store_failures=false) }} select * from {{ ref('m') }} where id is null")
                .file("tests/wrong.sql", "{{ config(store_failures_as='paper') }} select 1 as id")
                .file(
                        "models/m.yml",
                        "models: [{name: m, columns: [{name: id, data_tests: [{not_null: {config: {limit: 1, alias: kept}}}]}]}]");
        List<String> results = run.build();
        assertThat(results)
                .contains(
                        "as_view fail Got 2 results, configured to fail if != 0",
                        "as_nothing fail Got 2 results, configured to fail if != 0",
                        "not_null_m_id fail Got 1 result, configured to fail if != 0",
                        "as_table fail Got 1 result, configured to fail if != 0")
                .anyMatch(line -> line.startsWith("wrong error") && line.contains("'paper'"));
        assertThat(run.relations("lake_dbt_test__audit")).containsExactly("as_table", "as_view");
        run.file("tests/wrong.sql", "select 1 as id where 1 = 0").project.flag("STORE_FAILURES", true);
        assertThat(run.build()).contains("as_nothing fail Got 2 results, configured to fail if != 0");
        assertThat(run.relations("lake_dbt_test__audit")).containsExactly("as_table", "as_view", "kept", "wrong");
        assertThat(run.query("select name from lake_dbt_test__audit.kept order by 1"))
                .hasSize(2)
                .contains("b", "c");
    }

    @ParameterizedTest
    @EnumSource
    void snapshotsNameTheirColumnsAndTheEndOfWhatIsCurrent(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        String yaml =
                """
                snapshots:
                  - name: h
                    relation: ref('m')
                    config:
                      unique_key: [id, part]
                      strategy: timestamp
                      updated_at: at_time
                      hard_deletes: %s
                      dbt_valid_to_current: "cast('9999-12-31' as timestamp)"
                      snapshot_meta_column_names: {dbt_valid_from: since, dbt_valid_to: until, dbt_scd_id: version_id, dbt_updated_at: changed, dbt_is_deleted: gone}
                """;
        run.model(
                        "m",
                        "select 1 as id, 'x' as part, cast('2024-01-01' as timestamp) as at_time, 'a' as name union all select 2, 'x', cast('2024-01-01' as timestamp), 'b'")
                .file("snapshots/h.yml", yaml.formatted("new_record"));
        assertThat(run.build()).noneMatch(line -> line.contains("error"));
        run.model("m", "select 1 as id, 'x' as part, cast('2024-02-01' as timestamp) as at_time, 'c' as name");
        assertThat(run.build()).noneMatch(line -> line.contains("error"));
        assertThat(
                        run.query(
                                "select id, name, cast(since as date), case when id = 1 then cast(until as date) end, gone from lake.h where gone = 'False' order by id, since"))
                .containsExactly(
                        "1 a 2024-01-01 2024-02-01 False",
                        "1 c 2024-02-01 9999-12-31 False",
                        "2 b 2024-01-01 null False");
        assertThat(run.query("select id, name, cast(until as date) from lake.h where gone = 'True'"))
                .containsExactly("2 b 9999-12-31");
        assertThat(run.query("select count(distinct version_id), count(changed) from lake.h"))
                .containsExactly("4 4");
    }

    @ParameterizedTest
    @EnumSource
    void constraintsOfModelsAndColumnsAreKept(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        String config = "{{ config(materialized='table') }} ";
        run.model("parents", config + "select 1 as id")
                .model("m", config + "select 1 as id, 2 as part, 1 as parent, 'a' as name")
                .file(
                        "models/m.yml",
                        """
                        models:
                          - name: parents
                            config: {contract: {enforced: true}}
                            columns: [{name: id, data_type: integer, constraints: [{type: primary_key}]}]
                          - name: m
                            config: {contract: {enforced: true}}
                            constraints:
                              - {type: primary_key, columns: [id, part]}
                              - {type: check, expression: "id > 0", name: positive}
                              - {type: unique, columns: [name]}
                            columns:
                              - {name: id, data_type: integer, constraints: [{type: not_null}, {type: check, expression: id < 10}]}
                              - {name: part, data_type: integer}
                              - {name: parent, data_type: integer}
                              - {name: name, data_type: text, constraints: [{type: not_null}]}
                        """);
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        for (String wrong : List.of(
                "select 0 as id, 2 as part, 1 as parent, 'a' as name",
                "select 10 as id, 2 as part, 1 as parent, 'a' as name",
                "select 1 as id, null::int as part, 1 as parent, 'a' as name",
                "select id, 2 as part, 1 as parent, 'a' as name from (values (1), (2)) as v(id)",
                "select 1 as id, 2 as part, 1 as parent, 'a' || n as name from (values (1), (2)) as v(n)")) {
            run.model("m", config + wrong);
            assertThat(run.build()).as(wrong).anyMatch(line -> line.startsWith("m error Database Error"));
        }
        assertThat(run.query("select id from lake.m")).containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource
    void foreignKeysReferToOtherModels(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        String config = "{{ config(materialized='table', contract={'enforced': true}) }} ";
        run.model("z_parents", config + "select 1 as id")
                .model("a_children", config + "select 1 as z, 1 as y")
                .file(
                        "models/m.yml",
                        """
                        models:
                          - name: z_parents
                            columns: [{name: id, data_type: integer, constraints: [{type: primary_key}]}]
                          - name: a_children
                            constraints: [{type: foreign_key, columns: [z], to: "ref('z_parents')", to_columns: [id]}]
                            columns:
                              - {name: z, data_type: integer}
                              - {name: y, data_type: integer, constraints: [{type: foreign_key, to: ref("z_parents"), to_columns: [id]}]}
                        """);
        assertThat(run.build()).hasSize(2).allMatch(line -> line.contains("success"));
        assertThat(run.project.parse().nodes())
                .filteredOn(node -> node.name().equals("a_children"))
                .singleElement()
                .satisfies(node -> assertThat(node.dependsOn()).containsExactly("model.demo.z_parents"));
        for (String wrong : List.of("select 2 as z, 1 as y", "select 1 as z, 2 as y")) {
            run.model("a_children", config + wrong);
            assertThat(run.results(run.project.parse(), Set.of("model.demo.a_children")))
                    .singleElement()
                    .satisfies(result -> assertThat(result.message().orElse("")).containsIgnoringCase("foreign key"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void statementsSayWhoseTheyAre(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.model("m", "{{ config(materialized='table') }} select current_query() as q")
                .file(
                        "macros/m.sql",
                        "{% macro said(node) %}{{ node.name ~ ' of ' ~ target.name if node else connection_name }}{% endmacro %}");
        String project = "name: demo\nprofile: demo\n";
        String json = "/* {\"app\": \"dbt\", \"dbt_version\": \"1.12.0\", \"profile_name\": \"demo\","
                + " \"target_name\": \"dev\", \"node_id\": \"model.demo.m\"} */\n";
        Map<String, String> comments = Map.of(
                "",
                json,
                "query-comment: '{{ said(node) }}'\n",
                "/* m of dev */\n",
                "query-comment: {append: false}\n",
                json,
                "query-comment:\n",
                "\n",
                "query-comment: {comment: 'by {{ node.unique_id }}', append: true}\n",
                "\ncreate");
        comments.forEach((setting, start) -> {
            run.file("dbt_project.yml", project + setting);
            assertThat(run.build()).as(setting).allMatch(line -> line.contains("success"));
            // DuckDB does not tell of comments around a statement.
            if (warehouse == Warehouse.POSTGRES) {
                String query = run.query("select q from lake.m").get(0);
                assertThat(query.startsWith("/*") ? query : "\n" + query.strip())
                        .startsWith(start);
                assertThat(query.contains("/* by model.demo.m */")).isEqualTo(setting.contains("append: true"));
            }
        });
        run.file("dbt_project.yml", project + "query-comment: 'a */ select 1'\n");
        assertThatThrownBy(() -> run.build()).hasMessageContaining("query comment contains illegal value \"*/\"");
    }

    @ParameterizedTest
    @EnumSource
    void exposuresComeAfterWhatTheyShowAndItsTests(Warehouse warehouse) {
        run = warehouse.fixture(directory);
        run.model("m", "select 1 as id")
                .model("other", "select cast(null as int) as id")
                .file(
                        "models/m.yml",
                        """
                        models: [{name: other, columns: [{name: id, data_tests: [not_null]}]}]
                        exposures:
                          - {name: shown, type: dashboard, owner: {name: me}, depends_on: [ref('m')]}
                          - {name: hidden, type: dashboard, owner: {name: me}, depends_on: [ref('other')]}
                        """);
        assertThat(run.build()).contains("shown no-op NO-OP", "hidden skipped");
        run.assertValidResults();
    }
}

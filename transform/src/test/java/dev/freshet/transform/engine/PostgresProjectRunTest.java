package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.PostgresServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresProjectRunTest extends ProjectRunTest {

    private static PostgresServer server;
    private static int number;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    RunFixture fixture(Path directory) {
        String name = server.createDatabase("run" + ++number);
        return new RunFixture(
                directory,
                "{type: postgres, host: localhost, port: " + server.port()
                        + ", user: postgres, password: postgres, dbname: " + name + ", schema: lake, threads: 4}",
                "jdbc:postgresql://localhost:" + server.port() + "/" + name + "?user=postgres&password=postgres");
    }

    @Test
    void statementsAnswerAsThePostgresDriverOfDbtDoes() {
        run.model("t", "{{ config(materialized='table') }} select * from (values (1), (2)) as v(id)")
                .model("v", "select 1 as id")
                .model("i", "{{ config(materialized='incremental') }} select 1 as id");
        assertThat(run.build()).contains("t success SELECT 2", "v success CREATE VIEW", "i success SELECT 1");
        assertThat(run.build()).contains("i success INSERT 0 1");
    }

    @Test
    void aSessionThatTheDatabaseEndedIsNotTheNextNodes() {
        run.model("a", "{{ config(materialized='table') }} select pg_terminate_backend(pg_backend_pid())")
                .model("b", "{{ config(materialized='table') }} select 1 as id");
        assertThat(run.build())
                .hasSize(2)
                .anyMatch(line -> line.startsWith("a error"))
                .contains("b success SELECT 1");
    }

    @Test
    void grantsIndexesAndCommentsAreApplied() {
        run.query("create role reader; create role other");
        run.model(
                "m",
                "{{ config(materialized='incremental', indexes=[{'columns': ['id'], 'unique': true}], grants={'select': ['reader', 'other']}, persist_docs={'relation': true, 'columns': true}) }} select 1 as id"
                        + " {% if is_incremental() %} where false {% endif %}");
        run.file(
                "models/m.yml",
                "models: [{name: m, description: \"it's m\", columns: [{name: id, description: the id}, {name: gone, description: x}]}]");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        String grants =
                "select grantee from information_schema.role_table_grants where table_name = 'm' and grantee <> 'postgres' order by 1";
        assertThat(run.query(grants)).containsExactly("other", "reader");
        assertThat(run.query("select indisunique from pg_index where indrelid = 'lake.m'::regclass"))
                .containsExactly("true");
        assertThat(run.query("select obj_description('lake.m'::regclass), col_description('lake.m'::regclass, 1)"))
                .containsExactly("it's m the id");
        run.file("dbt_project.yml", "name: demo\nprofile: demo\n")
                .model("m", "{{ config(materialized='incremental', grants={'select': ['reader']}) }} select 2 as id");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query(grants)).containsExactly("reader");
    }

    @Test
    void materializedViewsAreRefreshed() {
        run.model("t", "{{ config(materialized='incremental') }} select 1 as id")
                .model("m", "{{ config(materialized='materialized_view') }} select count(*) as n from {{ ref('t') }}");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        assertThat(run.query("select n from lake.m")).containsExactly("2");
    }

    @Test
    void changedIndexesOfMaterializedViewsAreHandledInThreeWays() {
        String model =
                "{{ config(materialized='materialized_view', on_configuration_change='%s', indexes=[%s]) }} select 1 as id, 2 as part";
        String indexes = "select indexdef from pg_indexes where tablename = 'm' order by 1";
        run.model("m", model.formatted("apply", "{'columns': ['id'], 'unique': true}"));
        assertThat(run.build()).allMatch(line -> line.startsWith("m success"));
        assertThat(run.build()).containsExactly("m success REFRESH MATERIALIZED VIEW");
        assertThat(run.query(indexes)).singleElement().asString().contains("UNIQUE", "(id)");
        run.model("m", model.formatted("continue", "{'columns': ['part', 'id'], 'type': 'btree'}"));
        assertThat(run.build()).singleElement().asString().startsWith("m success skip ");
        run.model("m", model.formatted("fail", "{'columns': ['part', 'id']}"));
        assertThat(run.build())
                .singleElement()
                .asString()
                .contains("m error", "`on_configuration_change` was set to `fail`");
        assertThat(run.query(indexes)).singleElement().asString().contains("(id)");
        run.model("m", model.formatted("apply", "{'columns': ['part', 'id']}, {'columns': ['id'], 'type': 'hash'}"));
        assertThat(run.build()).allMatch(line -> line.startsWith("m success"));
        assertThat(run.query(indexes))
                .hasSize(2)
                .anyMatch(index -> index.endsWith("btree (part, id)"))
                .anyMatch(index -> index.endsWith("hash (id)"));
        assertThat(run.build()).containsExactly("m success REFRESH MATERIALIZED VIEW");
    }
}

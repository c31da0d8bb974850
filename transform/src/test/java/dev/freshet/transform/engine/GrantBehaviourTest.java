package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may read what was built: what dbt's adapter tests ask of grants. DuckDB has no roles. */
class GrantBehaviourTest {

    private static final String GRANTED =
            """
            select table_name, string_agg(grantee || ' ' || lower(privilege_type), ', ' order by grantee, privilege_type)
            from information_schema.role_table_grants
            where table_schema = 'lake' and grantee in ('first', 'second')
            group by 1 order by 1
            """;

    @TempDir
    Path directory;

    private RunFixture run;

    private void project(String grants) {
        run.file(
                "dbt_project.yml",
                "name: demo\nprofile: demo\nmodels: {+grants: %s}\nseeds: {+grants: %s}\nsnapshots: {+grants: %s}\n"
                        .formatted(grants, grants, grants));
    }

    private void succeeds() {
        assertThat(run.build()).hasSize(5).allMatch(line -> line.contains("success"));
    }

    @Test
    void everyKindOfRelationIsReadByThoseThatAreNamed() {
        run = Warehouse.POSTGRES.fixture(directory);
        run.query(
                "do $$ begin create role first; create role second; exception when duplicate_object then null; end $$");
        run.file("seeds/s.csv", "id\n1\n")
                .file(
                        "snapshots/h.sql",
                        "{% snapshot h %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('s') }}{% endsnapshot %}")
                .model("t", "{{ config(materialized='table') }} select 1 as id")
                .model("v", "select 1 as id")
                .model("i", "{{ config(materialized='incremental') }} select 1 as id");
        project("{select: [first]}");
        succeeds();
        assertThat(run.query(GRANTED))
                .containsExactly(
                        "h first select", "i first select", "s first select", "t first select", "v first select");
        succeeds();
        assertThat(run.query(GRANTED)).hasSize(5);
        project("{select: [second], insert: [first, second]}");
        run.model("v", "{{ config(grants={'+select': ['first']}) }} select 1 as id");
        succeeds();
        String changed = " first insert, second insert, second select";
        assertThat(run.query(GRANTED))
                .containsExactly(
                        "h" + changed,
                        "i" + changed,
                        "s" + changed,
                        "t" + changed,
                        "v first insert, first select, second insert, second select");
        project("{select: []}");
        run.model("v", "select 1 as id");
        succeeds();
        assertThat(run.query(GRANTED)).noneMatch(line -> line.contains("select"));
    }

    @Test
    void anUnknownRoleOrPrivilegeIsTheDatabasesError() {
        run = Warehouse.POSTGRES.fixture(directory);
        run.model("t", "{{ config(materialized='table', grants={'select': ['nobody_at_all']}) }} select 1 as id")
                .model("v", "{{ config(grants={'fake_privilege': ['postgres']}) }} select 1 as id");
        assertThat(run.build())
                .anyMatch(line -> line.startsWith("t error") && line.contains("nobody_at_all"))
                .anyMatch(line -> line.startsWith("v error") && line.contains("fake_privilege"));
        assertThat(run.relations("lake")).isEmpty();
    }
}

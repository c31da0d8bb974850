package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models, seeds, snapshots, variables and configuration of the project and of packages under dbt_packages. */
class PackagesTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithPackage() {
        project = new ProjectOnDisk(directory)
                .file(
                        "dbt_packages/tools/dbt_project.yml",
                        """
                        name: tools
                        vars: {own: 1, shared: 1, tools: {section: 1}}
                        models: {tools: {+materialized: table, +schema: tools}}
                        """)
                .file(
                        "dbt_packages/tools/models/base/days.sql",
                        "{{ config(tags='a') }}select {{ var('own') }}, {{ var('shared') }}, {{ var('section') }}")
                .file("dbt_packages/tools/models/p.yml", "models: [{name: days, description: Days}]\n");
    }

    @Test
    void modelsOfPackagesAreRead() {
        project.model("m", "select * from {{ ref('days') }} join {{ ref('tools', 'days') }} using (d)");
        assertThat(project.model("m").sql())
                .isEqualTo(
                        "select * from \"dw\".\"analytics_tools\".\"days\" join \"dw\".\"analytics_tools\".\"days\" using (d)");
        assertThat(project.model("m").dependsOn()).containsExactly("model.tools.days");
        Model days = project.model("days");
        assertThat(days.sql()).isEqualTo("select 1, 1, 1");
        assertThat(days.fqn()).containsExactly("tools", "base", "days");
        assertThat(days.materialization()).isEqualTo(Model.Materialization.TABLE);
    }

    /** As in dbt, it even overrides what the package's model says of itself. */
    @Test
    void theProjectHasTheLastWordAboutPackages() {
        project.file(
                "dbt_project.yml",
                """
                name: demo
                profile: demo
                vars: {shared: 2, section: 2, tools: {section: 3}}
                models:
                  tools:
                    base: {+materialized: view, +schema: mine, +tags: b}
                """);
        Model days = project.model("days");
        assertThat(days.sql()).isEqualTo("select 1, 2, 3");
        assertThat(days.relation()).isEqualTo(new TableId("warehouse", "analytics_mine", "days"));
        assertThat(days.materialization()).isEqualTo(Model.Materialization.VIEW);
        assertThat(days.tags()).containsExactly("a", "b");
        assertThat(project.load().warnings()).isEmpty();
    }

    /** Unless the behaviour flag says otherwise, for packages too. */
    @Test
    void theProjectsModelOfTheSameNameIsNearer() {
        project.model("days", "select 2")
                .model("m", "select * from {{ ref('days') }}")
                .file("dbt_packages/tools/models/own.sql", "select * from {{ ref('days') }}");
        assertThat(project.model("m").dependsOn()).containsExactly("model.demo.days");
        assertThat(project.model("own").dependsOn()).containsExactly("model.demo.days");
        project.file(
                "dbt_project.yml",
                "name: demo\nprofile: demo\nflags: {require_ref_searches_node_package_before_root: true}\n");
        assertThat(project.model("own").dependsOn()).containsExactly("model.tools.days");
    }

    @Test
    void dispatchSearchesThePackagesThatTheProjectSays() {
        project.file(
                        "dbt_packages/tools/macros/m.sql",
                        "{% macro day() %}{{ return(adapter.dispatch('day', 'tools')()) }}{% endmacro %}{% macro default__day() %}default{% endmacro %}")
                .file("dbt_packages/shims/dbt_project.yml", "name: shims\n")
                .file("dbt_packages/shims/macros/m.sql", "{% macro default__day() %}shim{% endmacro %}")
                .model("m", "{{ tools.day() }}");
        assertThat(project.model("m").sql()).isEqualTo("default");
        project.file(
                "dbt_project.yml",
                "name: demo\nprofile: demo\ndispatch: [{macro_namespace: tools, search_order: [shims, tools]}]\n");
        assertThat(project.model("m").sql()).isEqualTo("shim");
    }

    @Test
    void seedsAndSnapshotsAreRefTargets() {
        project.file("seeds/geo/raw_countries.csv", "code,name\nde,Germany\n")
                .file(
                        "dbt_project.yml",
                        "name: demo\nprofile: demo\nseeds: {demo: {geo: {+schema: geo, +alias: countries}}}\n")
                .file(
                        "snapshots/s.sql",
                        """
                        {% snapshot countries_history %}
                        {{ config(target_schema='history', unique_key='code', strategy='check', check_cols=['name']) }}
                        select * from {{ ref('raw_countries') }}
                        {% endsnapshot %}
                        """)
                .model(
                        "m",
                        "select * from {{ ref('raw_countries') }} union all select * from {{ ref('countries_history') }}");
        assertThat(project.model("m").sql())
                .isEqualTo(
                        "select * from \"dw\".\"analytics_geo\".\"countries\" union all select * from \"dw\".\"history\".\"countries_history\"");
    }

    @Test
    void aRefWithoutVersionMeansTheLatest() {
        project.file(
                        "models/p.yml",
                        """
                        models:
                          - name: days
                            latest_version: 1
                            config: {materialized: table}
                            versions:
                              - v: 1
                              - v: 2
                                defined_in: days_next
                                config: {materialized: view}
                        """)
                .model("days_v1", "select 1")
                .model("days_next", "select 2")
                .model(
                        "m",
                        "select * from {{ ref('days') }}, {{ ref('days', v=2) }}, {{ ref('demo', 'days', version=1) }}");
        assertThat(project.model("m").sql())
                .isEqualTo(
                        "select * from \"dw\".\"analytics\".\"days_v1\", \"dw\".\"analytics\".\"days_v2\", \"dw\".\"analytics\".\"days_v1\"");
        assertThat(project.model("m").dependsOn()).containsExactly("model.demo.days.v1", "model.demo.days.v2");
    }

    @Test
    void namingMacrosOfThePackageAreUsedForItsModelsOnly() {
        project.file(
                        "dbt_packages/tools/macros/n.sql",
                        "{% macro generate_alias_name(custom_alias_name=none, node=none) %}t_{{ node.name }}{% endmacro %}")
                .model("m", "select 1");
        assertThat(project.model("days").relation().name()).isEqualTo("t_days");
        assertThat(project.model("m").relation().name()).isEqualTo("m");
    }
}

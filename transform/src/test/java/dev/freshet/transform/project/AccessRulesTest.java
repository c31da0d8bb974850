package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups, access and restrict-access. */
class AccessRulesTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithPrivateModel() {
        project = new ProjectOnDisk(directory)
                .model("inner", "select 1 as id")
                .file(
                        "models/p.yml",
                        """
                        groups: [{name: crm, owner: {email: a@b.c}}, {name: sales, owner: {email: a@b.c}}]
                        models:
                          - name: inner
                            access: private
                            group: crm
                            columns: [{name: id, data_tests: [unique]}]
                        """);
    }

    private void assertMistake(String message) {
        assertThatThrownBy(() -> project.parse()).hasMessage("the project has 1 error:\n  " + message);
    }

    @Test
    void privateModelsAreForTheirGroup() {
        project.model("m", "{{ config(group='crm') }}select * from {{ ref('inner') }}");
        assertThat(project.parse().modelIds()).contains("model.demo.m");
        project.model("m", "{{ config(group='sales') }}\nselect * from {{ ref('inner') }}");
        assertMistake(
                "models/m.sql:2: model 'm' depends on model 'inner', which is private to the group 'crm'; join the group with 'group:', or change its access");
        project.model("m", "select 1")
                .file(
                        "models/e.yml",
                        "exposures: [{name: e, type: dashboard, owner: {name: A}, depends_on: [ref('inner')]}]");
        assertMistake(
                "models/e.yml:1: exposure 'e' depends on model 'inner', which is private to the group 'crm'; join the group with 'group:', or change its access");
    }

    @Test
    void aPackageMayRestrictItsModels() {
        project.file("dbt_packages/tools/dbt_project.yml", "name: tools\n")
                .file("dbt_packages/tools/models/days.sql", "select 1")
                .file("dbt_packages/tools/models/weeks.sql", "{{ config(access='public') }}select 1")
                .model("m", "select * from {{ ref('days') }}, {{ ref('weeks') }}");
        assertThat(project.parse().modelIds()).contains("model.demo.m");
        project.file("dbt_packages/tools/dbt_project.yml", "name: tools\nrestrict-access: true\n");
        assertMistake(
                "models/m.sql:1: model 'm' depends on model 'days', which is protected: package 'tools' restricts access, so other packages may use its public models only");
    }

    @Test
    void groupsAndAccessAreChecked() {
        project.model("m", "{{ config(group='cmr', access='publik', materialized='ephemeral') }}select 1");
        assertThatThrownBy(() -> project.parse())
                .hasMessageContaining(
                        "models/m.sql:1: model 'm' is in the group 'cmr', which is not declared; did you mean 'crm'? the groups are: 'crm', 'sales'")
                .hasMessageContaining(
                        "models/m.sql:1: model 'm' has the unknown access 'publik'; did you mean 'public'? the known ones are: 'private', 'protected', 'public'");
        project.model("m", "{{ config(access='public', materialized='ephemeral') }}select 1");
        assertMistake(
                "models/m.sql:1: model 'm' is ephemeral and can't be public: other projects would find no table; materialize it");
    }
}

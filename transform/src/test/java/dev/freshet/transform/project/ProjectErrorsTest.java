package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake gives one message with the place, the object and the remedy. */
class ProjectErrorsTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void write() {
        project = new ProjectOnDisk(directory);
    }

    @Test
    void aMissingRefNamesTheNearestModel() {
        project.model("stg_orders", "select 1 as id").model("orders", "\n\nselect *\nfrom {{ ref('stg_ordres') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/orders.sql:4: model 'orders' depends on a node named 'stg_ordres' which was not found; did you mean 'stg_orders'?""");
    }

    @Test
    void aMissingSourceNamesTheNearestTable() {
        project.withSources().model("orders", "select * from {{ source('shop', 'order') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/orders.sql:1: model 'orders' depends on a source named 'shop.order' which was not found; did you mean 'shop.orders'?""");
    }

    @Test
    void anUnknownPackageIsNamed() {
        project.model("a", "select 1").model("b", "select * from {{ ref('other', 'a') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/b.sql:1: model 'b' depends on a node named 'other.a' which was not found: there is no package 'other'; did you mean ref('a')?""");
    }

    @Test
    void aRefInAMacroIsReportedAtTheMacro() {
        project.file("macros/m.sql", "{% macro m() %}\n  {{ ref('nowhere') }}\n{% endmacro %}")
                .model("a", "select * from {{ m() }}");
        assertMessage(
                """
                the project has 1 error:
                  macros/m.sql:2: model 'a' depends on a node named 'nowhere' which was not found""");
    }

    @Test
    void aDisabledModelAndADisabledSourceAreSaidToBeDisabled() {
        project.file(
                        "models/s.yml",
                        """
                        sources:
                          - name: shop
                            tables:
                              - name: orders
                                config: {enabled: false}
                        """)
                .model("off", "{{ config(enabled=false) }} select 1")
                .model("on", "select * from {{ ref('off') }}, {{ source('shop', 'orders') }}");
        assertMessage(
                """
                the project has 2 errors:
                  models/on.sql:1: model 'on' depends on a node named 'off' which is disabled (models/off.sql)
                  models/on.sql:1: model 'on' depends on a source named 'shop.orders' which is disabled (models/s.yml:4)""");
    }

    @Test
    void aMissingVersionNamesThoseThereAre() {
        project.file("models/p.yml", "models:\n  - name: a\n    versions: [{v: 1}, {v: 2}]\n")
                .model("a_v1", "select 1")
                .model("a_v2", "select 1")
                .model("b", "select * from {{ ref('a', v=3) }}");
        assertMessage(
                """
                the project has 1 error:
                  models/b.sql:1: model 'b' depends on a node named 'a' which has no version '3'; its versions are 1, 2""");
    }

    @Test
    void aSeedAndAModelOfOneName() {
        project.file("seeds/a.csv", "x\n1\n").model("a", "select 1");
        assertMessage(
                """
                the project has 2 errors:
                  seeds/a.csv:1: a model and a seed are both named 'a': models/a.sql and seeds/a.csv; rename one of them (config(alias=...) may keep the table's name)
                  seeds/a.csv:1: seed 'a' would be written to 'warehouse.analytics.a', which belongs to model 'a' (models/a.sql); give it another alias or schema""");
    }

    @Test
    void aCycleIsSpelledOut() {
        project.model("a", "select * from {{ ref('b') }}")
                .model("b", "select * from {{ ref('c') }}")
                .model("c", "select * from {{ ref('a') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/a.sql:1: models depend on each other in a cycle: a -> b -> c -> a; remove one of these ref() calls""");
    }

    @Test
    void twoModelsOfOneNameNameBothFiles() {
        project.file("models/x/orders.sql", "select 1").file("models/y/orders.sql", "select 2");
        assertMessage(
                """
                the project has 1 error:
                  models/y/orders.sql:1: two models are named 'orders': models/x/orders.sql and models/y/orders.sql; rename one of them (config(alias=...) may keep the table's name)""");
    }

    @Test
    void twoModelsNeverShareARelation() {
        project.model("a", "select 1").model("b", "{{ config(alias='a') }} select 1");
        assertMessage(
                """
                the project has 1 error:
                  models/b.sql:1: model 'b' would be written to 'warehouse.analytics.a', which belongs to model 'a' (models/a.sql); give it another alias or schema""");
    }

    @Test
    void aModelNeverOverwritesASource() {
        project.withSources().model("orders", "{{ config(target='shop', alias='orders') }} select 1 as id");
        assertMessage(
                """
                the project has 1 error:
                  models/orders.sql:1: model 'orders' would be written to 'shop.public.orders', which belongs to source 'shop.orders' (models/sources.yml); give it another alias or schema""");
    }

    @Test
    void manyMistakesComeInOneMessage() {
        project.model("a", "select {{ nothing( }}")
                .model("b", "{{ config(materialized='tabel') }} select 1")
                .model("c", "select * from {{ ref('z') }}")
                .file("models/p.yml", "models:\n  - description: nameless\n");
        assertThatThrownBy(project::load)
                .asInstanceOf(InstanceOfAssertFactories.type(FreshetException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.USER))
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .startsWith("the project has 4 errors:\n")
                .contains("models/p.yml:2: a model needs 'name'")
                .contains("models/a.sql:1: ")
                .contains(
                        "models/b.sql:1: model 'b' has the unknown materialization 'tabel'; did you mean 'table'? the known ones are: 'ephemeral', 'incremental', 'materialized_view', 'table', 'view'")
                .contains("models/c.sql:1: model 'c' depends on a node named 'z' which was not found")
                .doesNotContain("Exception", "\tat ");
    }

    @Test
    void missingVariablesAreNamedWithTheirLine() {
        project.file("dbt_project.yml", "name: demo\nprofile: demo\nvars:\n  start_date: 2026-01-01\n")
                .environment("REGION", "eu")
                .model("a", "select\n '{{ var('start_dat') }}'")
                .model("b", "select '{{ env_var('REGOIN') }}'");
        assertMessage(
                """
                the project has 2 errors:
                  models/a.sql:2: the variable 'start_dat' is not defined; did you mean 'start_date'? Otherwise add it under 'vars:' in dbt_project.yml, pass --vars, or give var() a default
                  models/b.sql:1: the environment variable 'REGOIN' is not set; did you mean 'REGION'? Otherwise set it, or give env_var() a default""");
    }

    @Test
    void aModelThatRaisesAnErrorIsQuoted() {
        project.model("a", "select 1\n{{ exceptions.raise_compiler_error('no such region') }}");
        assertMessage("""
                the project has 1 error:
                  models/a.sql:2: no such region""");
    }

    @Test
    void aRefThatOnlyExecutionShowsIsExplained() {
        project.model("a", "select 1 as id").model("b", "select 1 {% if execute %}from {{ ref('a') }}{% endif %}");
        assertMessage(
                """
                the project has 1 error:
                  models/b.sql:1: model 'b' depends on ref('a'), which was not seen while parsing, when execute is false: put '-- depends_on: {{ ref('a') }}' at the top of models/b.sql""");
    }

    @Test
    void aQueryWhileCompilingIsRefused() {
        project.model("a", "select 1 {% set x = run_query('select 1') %}");
        assertMessage(
                """
                the project has 1 error:
                  models/a.sql:1: run_query() asks a database, which is not supported while templates are rendered; write the answer into the model or a var""");
    }

    @Test
    void noProjectFile() throws IOException {
        Files.delete(directory.resolve("dbt_project.yml"));
        assertMessage("no dbt_project.yml in '" + directory
                + "': go to your dbt project's directory or name it with --project-dir");
    }

    @Test
    void aProjectNeedsAProperName() {
        project.file("dbt_project.yml", "profile: demo\n");
        assertMessage("dbt_project.yml:1: dbt_project.yml needs 'name'");
        project.file("dbt_project.yml", "profile: demo\nname: my-shop\n");
        assertMessage("dbt_project.yml:2: 'my-shop' is not a project name: use letters, digits and underscores");
    }

    @Test
    void noProfilesFile() throws IOException {
        Files.delete(directory.resolve("profiles.yml"));
        assertMessage("dbt_project.yml:2: no profiles.yml with the profile 'demo' was found in '" + directory + "', '"
                + directory
                + "/home/.freshet', '" + directory + "/home/.dvt', '" + directory
                + "/home/.dbt': create it there or name its directory with --profiles-dir");
    }

    @Test
    void anUnknownProfileTargetOrOutputListsTheKnownOnes() {
        project.profile("dmeo");
        assertMessage(
                "profile 'dmeo' is not in profiles.yml; did you mean 'demo'? its profiles are: 'demo'; change 'profile:' in dbt_project.yml or pass --profile");
        project.profile("demo").target("warehose");
        assertMessage(
                "profiles.yml:2: --target 'warehose' is not an output of profile 'demo'; did you mean 'warehouse'? its outputs are: 'crm', 'shop', 'warehouse'");
        project.target("warehouse").model("a", "{{ config(target='shpo') }} select 1");
        assertMessage(
                """
                the project has 1 error:
                  models/a.sql:1: model 'a' names the output 'shpo', which profile 'demo' does not have; did you mean 'shop'? its outputs are: 'crm', 'shop', 'warehouse'""");
    }

    @Test
    void anOutputNeedsATypeAndAModelsOutputASchema() {
        project.file("profiles.yml", "demo:\n  target: a\n  outputs:\n    a: {host: x}\n");
        assertMessage("profiles.yml:4: output 'a' needs 'type'");
        project.file("profiles.yml", "demo:\n  target: a\n  outputs:\n    a: {type: postgres}\n")
                .model("m", "select 1");
        assertMessage(
                """
                the project has 1 error:
                  models/m.sql:1: model 'm' has no schema: output 'a' needs 'schema' in profiles.yml""");
    }

    @Test
    void anOutputThatCannotBeRenderedFailsOnlyWhoUsesIt() {
        project.file(
                        "profiles.yml",
                        """
                        demo:
                          target: warehouse
                          outputs:
                            warehouse: {type: postgres, schema: analytics}
                            crm:
                              type: postgres
                              password: "{{ env_var('CRM_PASSWORD') }}"
                        """)
                .model("a", "select 1");
        assertThat(project.load().connections()).containsOnlyKeys("warehouse");
        project.file("models/s.yml", "sources:\n  - name: crm\n    connection: crm\n    tables:\n      - name: t\n");
        assertMessage(
                """
                the project has 1 error:
                  models/s.yml:5: profiles.yml:7: the environment variable 'CRM_PASSWORD' is not set: set it, or give env_var() a default (needed by source 'crm')""");
        assertThat(project.environment("CRM_PASSWORD", "x").load().connections())
                .containsOnlyKeys("warehouse", "crm");
    }

    @Test
    void ourOwnSettingsAreChecked() {
        project.file(
                "models/s.yml",
                """
                sources:
                  - name: crm
                    config:
                      meta: {freshet: {conection: crm}}
                    tables:
                      - name: customers
                """);
        assertMessage(
                """
                the project has 1 error:
                  models/s.yml:6: 'meta.freshet.conection' is not a setting here; did you mean 'connection'? the settings are: 'capture', 'connection'""");
    }

    @Test
    void duplicatePropertiesAndSourcesNameBothPlaces() {
        project.model("a", "select 1")
                .file("models/p1.yml", "models:\n  - name: a\n")
                .file(
                        "models/p2.yml",
                        "models:\n  - name: a\nsources:\n  - name: s\n    tables:\n      - name: t\n      - name: t\n");
        assertMessage(
                """
                the project has 2 errors:
                  models/p2.yml:2: the model 'a' already has properties at models/p1.yml:2; keep one of the two
                  models/p2.yml:7: the source table 's.t' is already declared at models/p2.yml:6""");
    }

    @Test
    void oddShapesInPropertiesAreExplained() {
        project.file("models/p.yml", "models:\n  name: a\n");
        assertMessage(
                """
                the project has 1 error:
                  models/p.yml:2: 'models' must be a list (lines that begin with '- '), not a mapping""");
    }

    @Test
    void warningsNameWhatIsIgnored() {
        project.file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        model_paths: [models]
                        models:
                          dmeo:
                            +materialized: table
                        """)
                .file("models/p.yml", "modles: []\nmodels:\n  - name: ordrs\n")
                .model(
                        "orders",
                        "{{ config(materialized='table') }} select 1 as id {{ exceptions.warn('old macro') }}");
        assertThat(project.load().warnings())
                .containsExactly(
                        "dbt_project.yml:3: unknown key 'model_paths'; did you mean 'model-paths'?",
                        "dbt_project.yml:5: 'models.dmeo' configures nothing: this project is called 'demo'",
                        "models/p.yml:1: unknown key 'modles'; did you mean 'models'?",
                        "models/orders.sql:1: old macro",
                        "models/p.yml:3: there is no model 'ordrs' for these properties; did you mean 'orders'?");
    }

    @Test
    void settingsWithoutEffectAreSaid() {
        project.withSources()
                .file("packages.yml", "packages: [{local: ../tools}]\n")
                .file("dbt_project.yml", "name: demo\nprofile: demo\n")
                .model(
                        "a",
                        "{{ config(materialized='table', contract={'enforced': true}) }} select * from {{ source('shop', 'orders') }}")
                .model(
                        "b",
                        "{{ config(materialized='table', post_hook='select 1', contract={'enforced': true}) }} select * from {{ source('shop', 'orders') }}")
                .model("c", "{{ config(post_hook='select 1') }} select 1");
        assertThat(project.load().warnings())
                .containsExactly(
                        "packages.yml:1: its packages are not installed; run 'freshet deps' first",
                        "models/a.sql: 'contract' has no effect on a maintained model yet (2 models use it)");
    }

    @Test
    void theRequiredVersionOfDbtIsChecked() {
        project.model("m", "select 1")
                .file("dbt_project.yml", "name: demo\nprofile: demo\nrequire-dbt-version: ['>=1.3.0', '<2.0.0']\n");
        assertThat(project.load().warnings()).isEmpty();
        project.file("dbt_project.yml", "name: demo\nprofile: demo\nrequire-dbt-version: '>=1.3.0,<1.9.0'\n");
        assertMessage(
                """
                the project has 1 error:
                  dbt_project.yml:3: 'demo' is written for dbt >=1.3.0, <1.9.0, and this follows dbt 1.12.0; change the bounds, take another version of it, or pass --no-version-check""");
        project.file("dbt_project.yml", "name: demo\nprofile: demo\nrequire-dbt-version: '>=1.3'\n");
        assertMessage(
                """
                the project has 1 error:
                  dbt_project.yml:3: 'require-dbt-version': '1.3' is not a version such as 1.3.0 or a range such as '>=1.0.0'""");
    }

    @Test
    void macrosAreCheckedToo() {
        project.file("macros/a.sql", "{% macro cents(x) %}{{ x }} / 100{% endmacro %}")
                .file("macros/b.sql", "\n{% macro cents(x) %}{{ x }}{% endmacro %}");
        assertMessage(
                """
                the project has 1 error:
                  macros/b.sql:2: the macro 'cents' is already defined at macros/a.sql:1; rename one of the two""");
        project.file("macros/b.sql", "").model("m", "select\n{{ cent('a') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/m.sql:2: 'cent' is undefined; did you mean 'cents'?""");
        project.model("m", "select\n{{ adapter.dispatch('dollars', 'demo')('a') }}");
        assertMessage(
                """
                the project has 1 error:
                  models/m.sql:2: no macro to dispatch 'dollars' to for 'postgres': searched 'demo.default__dollars', 'demo.postgres__dollars'""");
    }

    @Test
    void aSecretOfTheEnvironmentNeverReachesAModel() {
        project.environment("DBT_ENV_SECRET_KEY", "hunter2").model("m", "select '{{ env_var('DBT_ENV_SECRET_KEY') }}'");
        assertMessage(
                """
                the project has 1 error:
                  models/m.sql:1: the environment variable 'DBT_ENV_SECRET_KEY' is secret by its name and can be used in profiles.yml and dbt_project.yml only""");
    }

    private void assertMessage(String message) {
        assertThatThrownBy(project::load)
                .isInstanceOf(FreshetException.class)
                .hasMessage(message)
                .hasMessageNotContaining("hunter2");
    }
}

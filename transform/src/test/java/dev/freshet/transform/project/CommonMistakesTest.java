package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people get wrong most: each message has the file, the line and what was probably meant. */
class CommonMistakesTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithAModelAndAMacro() {
        project = new ProjectOnDisk(directory)
                .model("orders", "select 1 as id")
                .file(
                        "macros/cents.sql",
                        "{% macro cents(column, digits=2) %}round({{ column }}, {{ digits }}){% endmacro %}");
    }

    private void assertMistake(String message) {
        assertThatThrownBy(() -> project.load())
                .isInstanceOf(FreshetException.class)
                .hasMessage("the project has 1 error:\n  " + message);
    }

    @Test
    void badIndentation() {
        project.file("models/schema.yml", "models:\n  - name: orders\n   description: x\n");
        assertMistake(
                "models/schema.yml:3: this is not valid YAML: expected <block end>, but found '<block mapping start>' while parsing a block collection; check the indentation of this line and the one above it");
    }

    @Test
    void aMissingRef() {
        project.model("m", "\n\nselect * from {{ ref('oders') }}");
        assertMistake(
                "models/m.sql:3: model 'm' depends on a node named 'oders' which was not found; did you mean 'orders'?");
    }

    @Test
    void aCycle() {
        project.model("a", "select * from {{ ref('b') }}").model("b", "select * from {{ ref('a') }}");
        assertMistake(
                "models/a.sql:1: models depend on each other in a cycle: a -> b -> a; remove one of these ref() calls");
    }

    @Test
    void anUndefinedMacro() {
        project.model("m", "select\n{{ cent('a') }}");
        assertMistake("models/m.sql:2: 'cent' is undefined; did you mean 'cents'?");
    }

    @Test
    void wrongArguments() {
        project.model("m", "select\n{{ cents('a', digit=3) }}");
        assertMistake("models/m.sql:2: macro 'cents' takes no keyword argument 'digit'; did you mean 'digits'?");
        project.model("m", "select\n{{ cents('a', 1, 2) }}");
        assertMistake("models/m.sql:2: macro 'cents' takes not more than 2 argument(s), 3 are given");
        project.model("m", "{{ config(materialized='tabel') }}select 1");
        assertMistake(
                "models/m.sql:1: model 'm' has the unknown materialization 'tabel'; did you mean 'table'? the known ones are: 'ephemeral', 'incremental', 'materialized_view', 'table', 'view'");
    }

    @Test
    void aDuplicateModel() {
        project.file("models/other/orders.sql", "select 2");
        assertMistake(
                "models/other/orders.sql:1: two models are named 'orders': models/orders.sql and models/other/orders.sql; rename one of them (config(alias=...) may keep the table's name)");
    }

    @Test
    void aDisabledModelReferredTo() {
        project.model("off", "{{ config(enabled=false) }}select 1").model("m", "select * from {{ ref('off') }}");
        assertMistake("models/m.sql:1: model 'm' depends on a node named 'off' which is disabled (models/off.sql)");
    }

    @Test
    void aPythonModelReferredTo() {
        project.file("models/p.py", "def model(dbt, session): return 1").model("m", "select * from {{ ref('p') }}");
        assertMistake(
                "models/m.sql:1: model 'm' depends on a node named 'p' which is a Python model (models/p.py), which can't be run here");
        project.model("m", "select 1");
        assertThat(project.load().warnings())
                .containsExactly("models/p.py: Python models are not supported: only SQL is run");
    }

    @Test
    void aMissingProfile() {
        project.file("dbt_project.yml", "name: demo\nprofile: dmo\n");
        assertThatThrownBy(() -> project.load())
                .hasMessage(
                        "dbt_project.yml:2: profile 'dmo' is not in profiles.yml; did you mean 'demo'? its profiles are: 'demo'; change 'profile:' in dbt_project.yml or pass --profile");
    }

    @Test
    void aMissingPackage() {
        project.file("packages.yml", "packages: [{package: dbt-labs/dbt_utils, version: 1.3.0}]")
                .model("m", "select\n{{ dbt_utils.star(ref('orders')) }}");
        assertThatThrownBy(() -> project.load())
                .hasMessage(
                        """
                        the project has 2 errors:
                          models/m.sql:2: 'dbt_utils' is undefined
                          packages.yml:1: its packages are not installed; run 'freshet deps' first""");
        project.file("packages.yml", "").model("m", "select * from {{ ref('dbt_utils', 'orders') }}");
        assertMistake(
                "models/m.sql:1: model 'm' depends on a node named 'dbt_utils.orders' which was not found: there is no package 'dbt_utils'; did you mean ref('orders')?");
    }
}

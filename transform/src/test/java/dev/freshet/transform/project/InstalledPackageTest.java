package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The macros of packages under dbt_packages. */
class InstalledPackageTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithPackage() {
        project = new ProjectOnDisk(directory)
                .file("dbt_packages/tools/dbt_project.yml", "name: tools\nmacro-paths: [sql]\n")
                .file(
                        "dbt_packages/tools/sql/money.sql",
                        """
                        {% macro money(column) %}{{ return(adapter.dispatch('money', 'tools')(column)) }}{% endmacro %}
                        {% macro default__money(column) %}{{ tools.round(column) }} / 100{% endmacro %}
                        {% macro postgres__money(column) %}{{ tools.round(column) }}::money{% endmacro %}
                        {% macro round(column) %}round({{ column }}){% endmacro %}
                        """)
                .model("m", "select {{ tools.money('a') }}");
    }

    @Test
    void areCalledByThePackagesName() {
        assertThat(project.model("m").sql()).isEqualTo("select round(a)::money");
    }

    @Test
    void areOverriddenByTheProjectForDispatchOnly() {
        project.file(
                "macros/mine.sql",
                "{% macro default__money(c) %}mine({{ c }}){% endmacro %}{% macro round(c) %}unused{% endmacro %}");
        assertThat(project.model("m").sql()).isEqualTo("select mine(a)");
    }

    @Test
    void aMisspeltMacroNamesTheNearest() {
        project.model("m", "select 1,\n{{ tools.mony('a') }}");
        assertThatThrownBy(project::load)
                .hasMessageContaining("models/m.sql:2")
                .hasMessageContaining("mony")
                .hasMessageContaining("'money'");
    }

    @Test
    void twoPackagesOfOneNameAreRefused() {
        project.file("dbt_packages/zools/dbt_project.yml", "name: tools\n");
        assertThatThrownBy(project::load)
                .hasMessage("'dbt_packages/zools' is a second package named 'tools'; remove one of the two");
    }
}

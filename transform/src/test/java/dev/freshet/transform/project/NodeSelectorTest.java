package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** orders -> stg_orders -> revenue -> report <- people <- stg_people <- customers; lonely reads nothing. */
class NodeSelectorTest {

    @TempDir
    Path directory;

    private ParsedProject project;

    @BeforeEach
    void write() {
        project = new ProjectOnDisk(directory)
                .withSources()
                .file("dbt_project.yml", "name: demo\nprofile: demo\nmodels: {demo: {staging: {+tags: stage}}}\n")
                .file("models/staging/stg_orders.sql", "select * from {{ source('shop', 'orders') }}")
                .file("models/staging/stg_people.sql", "select * from {{ source('crm', 'customers') }}")
                .file(
                        "models/marts/revenue.sql",
                        "{{ config(tags=['daily', 'money']) }}select * from {{ ref('stg_orders') }}")
                .file("models/marts/people.sql", "{{ config(tags='daily') }}select * from {{ ref('stg_people') }}")
                .file("models/marts/top/report.sql", "select * from {{ ref('revenue') }}, {{ ref('people') }}")
                .file("models/lonely.sql", "select 1 as one")
                .parse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            revenue                          | revenue
            revenue people                   | people revenue
            +report                          | stg_orders revenue stg_people people report
            1+report                         | revenue people report
            stg_orders+                      | stg_orders revenue report
            stg_orders+1                     | stg_orders revenue
            1+revenue+1                      | stg_orders revenue report
            @stg_orders                      | stg_orders revenue stg_people people report
            tag:daily                        | people revenue
            tag:daily,tag:money              | revenue
            +report,tag:stage                | stg_orders stg_people
            tag:m* lonely                    | lonely revenue
            path:models/marts                | people revenue report
            models/marts/*                   | people revenue report
            path:models/marts/top/report.sql | report
            report.sql                       | report
            file:report                      | report
            marts                            | people revenue report
            demo.marts                       | people revenue report
            marts.top.*                      | report
            marts.*                          | people revenue report
            marts.*t                         | report
            *.stg_*                          | stg_orders stg_people
            lone*                            | lonely
            path:models/*/report.sql         |
            path:models/**/report.sql        | report
            ./models/staging/                | stg_orders stg_people
            demo                             | lonely people report revenue stg_orders stg_people
            stg_*                            |
            staging.stg_*                    | stg_orders stg_people
            fqn:stg_orders                   | stg_orders
            source:shop+                     | stg_orders revenue report
            source:shop.orders+1             | stg_orders
            source:demo.crm.*+               | stg_people people report
            source:shop.items+               |
            """)
    void selects(String selector, String expected) {
        List<String> wanted = expected == null ? List.of() : List.of(expected.split(" ", -1));
        assertThat(names(List.of(selector), List.of())).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void keepsGraphOrderAndExcludes() {
        assertThat(names(List.of(), List.of("lonely", "staging"))).containsExactly("people", "revenue", "report");
        assertThat(names(List.of("+report"), List.of("tag:stage,stg_orders+")))
                .containsExactly("stg_people", "people", "revenue", "report");
        assertThat(names(List.of("revenue", "people"), List.of())).containsExactly("people", "revenue");
    }

    @Test
    void explainsWhatItCannotRead() {
        assertMessage(
                "tags:daily",
                "the selector method 'tags:' in 'tags:daily' is not known; did you mean 'tag'? the methods are: 'access', 'config', 'exposure', 'file', 'fqn', 'group', 'package', 'path', 'resource_type', 'result', 'selector', 'source', 'state', 'tag', 'test_name', 'test_type', 'unit_test', 'version'");
        assertMessage(
                "@report+",
                "'@report+' has both '@' and a trailing '+': '@' already takes all descendants, drop the '+'");
        assertMessage("+", "'+' is not a selector: write a name, +name, name+, @name or method:value");
        assertMessage("99999999999+report", "the depth in '99999999999+report' is too large");
    }

    private void assertMessage(String selector, String message) {
        assertThatThrownBy(() -> names(List.of(selector), List.of()))
                .isInstanceOf(FreshetException.class)
                .hasMessage(message);
    }

    @Test
    void warnsOfATermThatMatchesNothing() {
        assertThat(new NodeSelector(project, NodeSelector.Request.of(List.of("revnue+ people,tag:dayly"), List.of()))
                        .unmatched())
                .containsExactly(
                        "the selector 'revnue' matches no enabled node; did you mean 'revenue'?",
                        "the selector 'tag:dayly' matches no enabled node; did you mean 'daily'?");
    }

    /** Of the models only: what these tests are about. */
    private List<String> names(List<String> select, List<String> exclude) {
        return new NodeSelector(project, NodeSelector.Request.of(select, exclude))
                .selected().stream()
                        .filter(id -> id.startsWith("model."))
                        .map(id -> id.substring(id.lastIndexOf('.') + 1))
                        .toList();
    }
}

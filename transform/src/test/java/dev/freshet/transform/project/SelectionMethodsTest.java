package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.selection.IndirectSelection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every selector method on every kind of node, tests that come along, selectors.yml, and comparison with another run. */
class SelectionMethodsTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    /** raw -> stg -> fact -> board; old has two versions; two tests read one model, one reads two. */
    @BeforeEach
    void write() {
        project = new ProjectOnDisk(directory)
                .file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        models: {demo: {marts: {+meta: {owner: ada}}}}
                        """)
                .file("seeds/raw.csv", "id\n1\n")
                .file("macros/m.sql", "{% macro outer_cents(x) %}{{ inner_cents(x) }}{% endmacro %}")
                .file("macros/n.sql", "{% macro inner_cents(x) %}{{ x }} / 100{% endmacro %}")
                .file("models/stg.sql", "{{ config(tags='nightly') }}select * from {{ ref('raw') }}")
                .file(
                        "models/marts/fact.sql",
                        "{{ config(materialized='table') }}select {{ outer_cents('id') }} as id from {{ ref('stg') }} join {{ source('shop', 'orders') }} using (id)")
                .file("models/marts/old_v1.sql", "select 1 as id")
                .file("models/marts/old_v2.sql", "select 2 as id")
                .file("tests/positive.sql", "select * from {{ ref('fact') }} where id < 0")
                .file("analyses/a.sql", "select * from {{ ref('fact') }}")
                .file(
                        "models/schema.yml",
                        """
                        sources:
                          - name: shop
                            tables: [{name: orders, tags: [nightly]}]
                        models:
                          - name: fact
                            access: public
                            config: {group: crm}
                            columns:
                              - name: id
                                tests:
                                  - unique
                                  - relationships: {to: ref('stg'), field: id}
                          - name: stg
                            columns: [{name: id, tests: [{not_null: {tags: [slow]}}]}]
                          - name: old
                            latest_version: 1
                            versions: [{v: 1}, {v: 2}]
                        groups: [{name: crm, owner: {name: Ada}}]
                        exposures:
                          - {name: board, type: dashboard, owner: {name: Ada}, depends_on: [ref('fact')]}
                        unit_tests:
                          - name: adds
                            model: fact
                            given: [{input: ref('stg'), rows: [{id: 1}]}]
                            expect: {rows: [{id: 1}]}
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            resource_type:seed              | raw
            resource_type:source            | orders
            resource_type:exposure          | board
            resource_type:unit_test         | adds
            resource_type:analysis          | a
            tag:nightly                     | orders stg not_null_stg_id relationships_fact_id__id__ref_stg_
            tag:slow                        | not_null_stg_id
            config.materialized:table       | fact unique_fact_id relationships_fact_id__id__ref_stg_ positive adds
            config.meta.owner:ada,old       | old.v1 old.v2
            config.severity:error,test_name:unique | unique_fact_id
            config.enabled:true,raw         | raw
            test_type:generic               | unique_fact_id relationships_fact_id__id__ref_stg_ not_null_stg_id
            test_type:singular              | positive
            test_type:unit                  | adds
            test_type:data,fact             | unique_fact_id relationships_fact_id__id__ref_stg_ positive
            test_name:not_*                 | not_null_stg_id
            group:crm                       | fact unique_fact_id relationships_fact_id__id__ref_stg_ positive adds
            access:public                   | fact unique_fact_id relationships_fact_id__id__ref_stg_ positive adds
            access:protected,resource_type:model | stg old.v1 old.v2 not_null_stg_id relationships_fact_id__id__ref_stg_
            version:latest                  | old.v1
            version:prerelease              | old.v2
            version:old                     |
            version:none,tag:nightly        | stg relationships_fact_id__id__ref_stg_ not_null_stg_id
            old                             | old.v1 old.v2
            old.v2                          | old.v2
            old_v2                          | old.v2
            exposure:board                  | board
            exposure:demo.b*                | board
            +exposure:board,resource_type:model | stg fact not_null_stg_id relationships_fact_id__id__ref_stg_ unique_fact_id positive adds
            unit_test:adds                  | adds
            1+unit_test:*                   | fact adds unique_fact_id relationships_fact_id__id__ref_stg_ positive
            package:demo,resource_type:seed | raw
            package:this,resource_type:seed | raw
            file:raw.csv                    | raw
            raw.csv                         | raw
            path:models/schema.yml,resource_type:exposure | board
            path:seeds                      | raw
            positive                        | positive
            source:shop,resource_type:source | orders
            source:shop+1,resource_type:model | fact relationships_fact_id__id__ref_stg_ unique_fact_id positive adds
            selector:core                   | raw stg not_null_stg_id relationships_fact_id__id__ref_stg_
            selector:core+1,resource_type:model | stg fact not_null_stg_id relationships_fact_id__id__ref_stg_ unique_fact_id positive adds
            """)
    void selects(String selector, String expected) {
        project.file("selectors.yml", "selectors: [{name: core, definition: '+stg,resource_type:model raw'}]");
        List<String> wanted = expected == null ? List.of() : List.of(expected.split(" ", -1));
        assertThat(names(project, NodeSelector.Request.of(List.of(selector), List.of())))
                .as(selector)
                .containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void testsComeWithWhatTheyRead() {
        assertThat(tests(IndirectSelection.EAGER, "stg"))
                .containsExactlyInAnyOrder("not_null_stg_id", "relationships_fact_id__id__ref_stg_");
        assertThat(tests(IndirectSelection.CAUTIOUS, "stg")).containsExactly("not_null_stg_id");
        assertThat(tests(IndirectSelection.BUILDABLE, "fact"))
                .containsExactlyInAnyOrder("relationships_fact_id__id__ref_stg_", "unique_fact_id", "positive", "adds");
        assertThat(tests(IndirectSelection.CAUTIOUS, "stg fact"))
                .containsExactlyInAnyOrder(
                        "not_null_stg_id", "relationships_fact_id__id__ref_stg_", "unique_fact_id", "positive", "adds");
        // A unit test's path goes through its model's name, so the name alone selects it, as in dbt.
        assertThat(tests(IndirectSelection.EMPTY, "stg fact")).containsExactly("adds");
        assertThat(names(project, NodeSelector.Request.of(List.of("stg fact"), List.of("stg"))))
                .containsExactlyInAnyOrder("fact", "unique_fact_id", "positive", "adds");
    }

    private List<String> tests(IndirectSelection mode, String select) {
        return names(
                        project,
                        new NodeSelector.Request(List.of(select), List.of(), Optional.empty(), Optional.empty(), mode))
                .stream()
                .filter(name -> !List.of("stg", "fact").contains(name))
                .toList();
    }

    @Test
    void readsSelectorsYml() {
        project.file(
                "selectors.yml",
                """
                selectors:
                  - name: nightly
                    description: What runs at night
                    default: "{{ target.name == 'warehouse' }}"
                    definition:
                      union:
                        - method: fqn
                          value: fact
                          parents: true
                          parents_depth: 1
                          indirect_selection: empty
                        - tag: slow
                        - exclude: [{method: resource_type, value: source}]
                  - name: both
                    definition:
                      intersection: ["resource_type:model", {method: selector, value: nightly}]
                """);
        assertThat(names(project, NodeSelector.Request.of(List.of(), List.of())))
                .containsExactlyInAnyOrder("stg", "fact", "not_null_stg_id", "adds");
        NodeSelector.Request both = new NodeSelector.Request(
                List.of(), List.of(), Optional.of("both"), Optional.empty(), IndirectSelection.EMPTY);
        assertThat(names(project, both)).containsExactlyInAnyOrder("stg", "fact");
        assertThat(project.parse().manifest().section("selectors").get("nightly"))
                .containsEntry("description", "What runs at night");
    }

    @Test
    void namesWhatIsWrongInSelectorsYml() {
        assertSelectors(
                "selectors: [{name: a, definition: {method: tagg, value: x}}]",
                "selectors.yml:1: the selector method 'tagg:' in 'tagg:x' is not known; did you mean 'tag'?");
        assertSelectors(
                "selectors:\n  - name: a\n    definition: {method: tag, value: x, childen: true}",
                "selectors.yml:3: a definition has the unknown key 'childen'; did you mean 'children'?");
        assertSelectors("selectors: [{name: a}]", "selectors.yml:1: selector 'a' needs 'definition'");
        project.file("selectors.yml", "selectors: [{name: nightly, definition: fact}]");
        assertThatThrownBy(() -> names(
                        project,
                        new NodeSelector.Request(
                                List.of(),
                                List.of(),
                                Optional.of("nigtly"),
                                Optional.empty(),
                                IndirectSelection.EAGER)))
                .hasMessage(
                        "there is no selector 'nigtly' in selectors.yml; did you mean 'nightly'? the selectors are: 'nightly'");
        project.file(
                "selectors.yml",
                "selectors: [{name: a, definition: 'selector:b'}, {name: b, definition: 'selector:a'}]");
        assertThatThrownBy(() -> names(project, NodeSelector.Request.of(List.of("selector:a"), List.of())))
                .hasMessage("the selectors a -> b -> a contain each other; take one of them out");
    }

    private void assertSelectors(String file, String message) {
        project.file("selectors.yml", file);
        assertThatThrownBy(() -> project.parse())
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining(message);
    }

    @Test
    void comparesWithAnotherRun() {
        project.parse().manifest().write(directory.resolve("before"));
        assertThat(compared("state:modified")).isEmpty();
        assertThat(compared("state:new")).isEmpty();
        assertThat(compared("state:unmodified")).hasSize(13);

        project.file("models/stg.sql", "{{ config(tags='hourly') }}select * from {{ ref('raw') }}")
                .file("seeds/raw.csv", "id\n2\n")
                .file("models/added.sql", "select 1")
                .file("macros/n.sql", "{% macro inner_cents(x) %}{{ x }} / 1000{% endmacro %}");
        assertThat(compared("state:modified")).containsExactlyInAnyOrder("raw", "stg", "fact", "added");
        assertThat(compared("state:modified.body")).containsExactlyInAnyOrder("raw", "stg", "added");
        assertThat(compared("state:modified.macros")).containsExactly("fact");
        assertThat(compared("state:modified.configs")).containsExactly("added");
        assertThat(compared("state:new")).containsExactly("added");
        assertThat(compared("state:modified+,resource_type:exposure")).containsExactly("board");

        project.file("models/stg.sql", "{{ config(tags='nightly') }}select * from {{ ref('raw') }}")
                .file("seeds/raw.csv", "id\n1\n")
                .file("macros/n.sql", "{% macro inner_cents(x) %}{{ x }} / 100{% endmacro %}")
                .file("dbt_project.yml", "name: demo\nprofile: demo\nmodels: {demo: {marts: {+meta: {owner: bob}}}}\n");
        assertThat(compared("state:modified.configs,config.meta.owner:bob"))
                .containsExactlyInAnyOrder("fact", "old.v1", "old.v2");

        project.file(
                "before/run_results.json",
                "{\"results\": [{\"unique_id\": \"model.demo.stg\", \"status\": \"error\"}]}");
        assertThat(compared("result:error")).containsExactly("stg");
    }

    @Test
    void saysWhatComparingNeeds() {
        assertThatThrownBy(() -> names(project, NodeSelector.Request.of(List.of("state:modified"), List.of())))
                .hasMessage(
                        "'state:modified' compares with an earlier run: name the directory of its artifacts with --state");
        assertThatThrownBy(() -> names(project, NodeSelector.Request.of(List.of("state:modifed"), List.of())))
                .hasMessageContaining("'state:modifed' is not a selector; did you mean 'modified'?");
        assertThatThrownBy(() -> names(project, NodeSelector.Request.of(List.of("config:table"), List.of())))
                .hasMessage("'config:table' does not say which setting: write config.materialized:table");
        assertThatThrownBy(() -> compared("state:modified")).hasMessageContaining("manifest.json' can't be read");
    }

    private List<String> compared(String select) {
        return names(
                project,
                new NodeSelector.Request(
                        List.of(select),
                        List.of(),
                        Optional.empty(),
                        Optional.of(directory.resolve("before")),
                        IndirectSelection.EMPTY));
    }

    private static List<String> names(ProjectOnDisk project, NodeSelector.Request request) {
        List<String> names = new ArrayList<>();
        for (String id : new NodeSelector(project.parse(), request).selected()) {
            List<String> parts = Arrays.asList(id.split("\\.", -1));
            boolean isShort = parts.get(0).equals("source") || parts.get(0).equals("unit_test");
            boolean isVersioned = parts.get(0).equals("model") && parts.size() == 4;
            names.add(isShort ? parts.get(3) : isVersioned ? parts.get(2) + "." + parts.get(3) : parts.get(2));
        }
        return names;
    }
}

package dev.freshet.transform.project;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Something that people do to a project between two parses.
 *
 * @param rendered the places of the texts, and the unique ids of the nodes, that a partial parse then renders; {@code *} for at least everything
 *     that the project names
 */
record ProjectEdit(String title, Consumer<ProjectOnDisk> change, List<String> rendered) {

    @Override
    public String toString() {
        return title;
    }

    /** A project with a bit of everything. */
    static ProjectOnDisk projectToEdit(Path directory) {
        return new ProjectOnDisk(directory)
                .file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        vars: {cutoff: 7, factor: 2}
                        models: {demo: {marts: {+tags: [nightly]}}}
                        """)
                .withSources()
                .environment("REGION", "eu")
                .file("seeds/countries.csv", "id,name\n1,Ada\n")
                .file("models/docs.md", "{% docs status %}One of three.{% enddocs %}\n")
                .file("macros/cents.sql", "{% macro cents(x) %}{{ x }} / {{ hundred() }}{% endmacro %}")
                .file("macros/hundred.sql", "{% macro hundred() %}100{% endmacro %}")
                .file(
                        "macros/settings.sql",
                        "{% macro audit() %}{{ config(meta={'owner': 'data'}) }}{% endmacro %}\n{% macro unused() %}{% endmacro %}")
                .file("tests/generic/positive.sql", "{% test positive(model, column_name) %}{{ model }}{% endtest %}")
                .file("tests/no_gaps.sql", "select * from {{ ref('orders') }} where id < 0")
                .file("analyses/look.sql", "select * from {{ ref('orders') }}")
                .file(
                        "snapshots/history.sql",
                        "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select * from {{ ref('countries') }}{% endsnapshot %}")
                .file("dbt_packages/tools/dbt_project.yml", "name: tools\nvars: {depth: 1}\n")
                .file("dbt_packages/tools/macros/t.sql", "{% macro twice(x) %}2 * {{ x }}{% endmacro %}")
                .model("staging/stg_orders", "select id, {{ cents('amount') }} from {{ source('shop', 'orders') }}")
                .model(
                        "staging/recent",
                        "{{ config(meta={'days': var('cutoff')}) }}select * from {{ ref('stg_orders') }}")
                .model("staging/regional", "{{ config(tags=[env_var('REGION')]) }}select {{ tools.twice('1') }} as id")
                .model("staging/audited", "{{ audit() }}select 1 as id")
                .model(
                        "staging/leaf",
                        "{{ config(alias='leaf_' ~ target.name, meta={'at': this | string}) }}select 1 as id")
                .model("marts/orders", "select * from {{ ref('stg_orders') }} join {{ ref('countries') }} using (id)")
                .model("marts/old_v1", "select 1 as id")
                .model("marts/old_v2", "{% if is_incremental() %}{% endif %}select 2 as id")
                .model("marts/loaded", "{{ config(materialized='incremental') }}{{ should_full_refresh() }}select 3")
                .file(
                        "models/marts/schema.yml",
                        """
                        models:
                          - name: orders
                            description: "{{ doc('status') }}"
                            columns:
                              - name: id
                                tests: [unique, positive]
                              - name: status
                                tests: [accepted_values: {arguments: {values: [a, b]}}]
                          - name: old
                            latest_version: 1
                            versions: [{v: 1}, {v: 2}]
                        """)
                .file(
                        "models/more.yml",
                        """
                        groups: [{name: crm, owner: {name: X}}]
                        exposures:
                          - {name: board, type: dashboard, owner: {name: X}, depends_on: [ref('orders')]}
                        unit_tests:
                          - name: adds
                            model: orders
                            given: [{input: ref('stg_orders'), rows: [{id: 1}]}]
                            expect: {rows: [{id: 1}]}
                        """)
                .file("selectors.yml", "selectors: [{name: nightly, definition: 'tag:nightly'}]\n");
    }

    private static ProjectEdit edit(String title, Consumer<ProjectOnDisk> change, String... rendered) {
        return new ProjectEdit(title, change, List.of(rendered));
    }

    static Stream<ProjectEdit> all() {
        return Stream.of(
                edit("nothing", project -> {}),
                edit(
                        "a model's text",
                        project -> project.edit("models/marts/orders.sql", "select *", "select id"),
                        "models/marts/orders.sql:0",
                        "model.demo.orders"),
                edit(
                        "what a model reads",
                        project -> project.edit("models/marts/orders.sql", "ref('stg_orders')", "ref('recent')"),
                        "models/marts/orders.sql:0",
                        "model.demo.orders"),
                edit(
                        "a new model",
                        project -> project.model("staging/fresh", "select 1 as id"),
                        "models/staging/fresh.sql:0",
                        "model.demo.fresh"),
                edit("a model less", project -> project.without("models/staging/leaf.sql")),
                edit(
                        "a renamed model",
                        project -> project.model("staging/leaf2", project.text("models/staging/leaf.sql"))
                                .without("models/staging/leaf.sql"),
                        "models/staging/leaf2.sql:0",
                        "model.demo.leaf2"),
                edit(
                        "a model in another directory",
                        project -> project.model("marts/leaf", project.text("models/staging/leaf.sql"))
                                .without("models/staging/leaf.sql"),
                        "models/marts/leaf.sql:0",
                        "model.demo.leaf"),
                edit(
                        "a description",
                        project -> project.edit("models/marts/schema.yml", "\"{{ doc('status') }}\"", "Other")),
                edit(
                        "a config in properties",
                        project -> project.edit(
                                "models/marts/schema.yml", "name: orders\n", "name: orders\n    config: {tags: [x]}\n"),
                        "models/marts/orders.sql:0",
                        "model.demo.orders",
                        // Their lines moved.
                        "models/marts/schema.yml:6",
                        "models/marts/schema.yml:8"),
                edit(
                        "a version more",
                        project -> project.edit("models/marts/schema.yml", "{v: 2}]", "{v: 2}, {v: 3}]")
                                .model("marts/old_v3", "select 3"),
                        "models/marts/old_v3.sql:0",
                        "model.demo.old.v3"),
                edit(
                        "a macro",
                        project -> project.edit("macros/cents.sql", "/ {{", "// {{"),
                        "models/staging/stg_orders.sql:0"),
                edit(
                        "a macro that a macro calls",
                        project -> project.edit("macros/hundred.sql", "100", "1000"),
                        "models/staging/stg_orders.sql:0"),
                edit(
                        "a macro that configures",
                        project -> project.edit("macros/settings.sql", "data", "finance"),
                        "models/staging/audited.sql:0",
                        "model.demo.audited"),
                edit(
                        "a macro that moves another down",
                        project -> project.edit("macros/settings.sql", "{% macro audit", "\n{% macro audit"),
                        "models/staging/audited.sql:0"),
                edit(
                        "a macro that nobody calls",
                        project -> project.edit("macros/settings.sql", "unused() %}", "unused() %}x")),
                edit(
                        "a macro less that nobody calls",
                        project -> project.edit("macros/settings.sql", "{% macro unused() %}{% endmacro %}", "")),
                edit(
                        "a package's macro",
                        project -> project.edit("dbt_packages/tools/macros/t.sql", "2 *", "3 *"),
                        "models/staging/regional.sql:0"),
                edit(
                        "a macro in front of dbt's",
                        project -> project.file("macros/own.sql", "{% macro is_incremental() %}{% endmacro %}"),
                        "models/marts/old_v2.sql:0"),
                edit(
                        "a macro in front of a member of the context",
                        project -> project.file("macros/own.sql", "{% macro env_var(x) %}own{% endmacro %}"),
                        "models/staging/regional.sql:0",
                        "model.demo.regional"),
                edit(
                        "a macro that names all relations",
                        project -> project.file(
                                "macros/own.sql",
                                "{% macro generate_schema_name(custom, node) %}{{ node.name }}_own{% endmacro %}"),
                        "*"),
                edit(
                        "a generic test's macro",
                        project -> project.edit("tests/generic/positive.sql", "{{ model }}", "{{ model }} where x"),
                        "models/marts/schema.yml:5"),
                edit(
                        "a generic test's argument",
                        project -> project.edit("models/marts/schema.yml", "[a, b]", "[a, c]"),
                        "models/marts/schema.yml:7",
                        "test.demo.accepted_values_orders_status__a__c.*"),
                edit(
                        "a generic test more",
                        project -> project.edit(
                                "models/marts/schema.yml", "[unique, positive]", "[unique, positive, not_null]"),
                        "models/marts/schema.yml:5",
                        "test.demo.not_null_orders_id.*"),
                edit(
                        "a singular test",
                        project -> project.edit("tests/no_gaps.sql", "id < 0", "id < 1"),
                        "tests/no_gaps.sql:0",
                        "test.demo.no_gaps"),
                edit(
                        "an analysis",
                        project -> project.edit("analyses/look.sql", "select *", "select 1"),
                        "analyses/look.sql:0",
                        "analysis.demo.look"),
                edit(
                        "a snapshot",
                        project -> project.edit("snapshots/history.sql", "unique_key='id'", "unique_key='name'"),
                        "snapshots/history.sql:*",
                        "snapshot.demo.history"),
                edit("a seed's content", project -> project.file("seeds/countries.csv", "id,name\n1,Bob\n")),
                edit("a seed more", project -> project.file("seeds/cities.csv", "id\n"), ":seed", "seed.demo.cities"),
                edit("a docs block", project -> project.edit("models/docs.md", "three", "four")),
                edit("selectors", project -> project.edit("selectors.yml", "name: nightly", "name: daily")),
                edit(
                        "an exposure's label",
                        project -> project.edit("models/more.yml", "type: dashboard", "label: B, type: dashboard")),
                edit(
                        "what an exposure reads",
                        project -> project.edit("models/more.yml", "[ref('orders')]", "[ref('recent')]"),
                        "models/more.yml:2"),
                edit(
                        "a unit test",
                        project -> project.edit("models/more.yml", "expect: {rows: [{id: 1}]}", "expect: {rows: []}")),
                edit("a source's table", project -> project.edit("models/sources.yml", "order_items", "all_items")),
                edit(
                        "a variable of the project",
                        project -> project.edit("dbt_project.yml", "cutoff: 7", "cutoff: 8"),
                        "models/staging/recent.sql:0",
                        "model.demo.recent"),
                edit(
                        "a variable that nobody reads",
                        project -> project.edit("dbt_project.yml", "factor: 2", "factor: 3")),
                edit(
                        "a variable of the command line",
                        project -> project.var("cutoff", 9L),
                        "models/staging/recent.sql:0",
                        "model.demo.recent"),
                edit(
                        "an environment variable",
                        project -> project.environment("REGION", "us"),
                        "models/staging/regional.sql:0",
                        "model.demo.regional"),
                edit("an environment variable that nobody reads", project -> project.environment("OTHER", "us")),
                edit(
                        "a config of dbt_project.yml",
                        project -> project.edit("dbt_project.yml", "[nightly]", "[daily]"),
                        "models/marts/orders.sql:0",
                        "models/marts/old_v1.sql:0",
                        "models/marts/old_v2.sql:0",
                        "models/marts/loaded.sql:0",
                        "model.demo.orders",
                        "model.demo.old.v1",
                        "model.demo.old.v2",
                        "model.demo.loaded"),
                edit(
                        "a disabled model",
                        project -> project.edit("models/staging/leaf.sql", "config(", "config(enabled=false, "),
                        "models/staging/leaf.sql:0",
                        "model.demo.leaf"),
                edit(
                        "a package more",
                        project -> project.file("dbt_packages/extra/dbt_project.yml", "name: extra\n")
                                .file("dbt_packages/extra/macros/e.sql", "{% macro cents(x) %}e{% endmacro %}")
                                .file("dbt_packages/extra/models/e.sql", "select {{ cents('x') }}"),
                        "dbt_packages/extra/models/e.sql:0",
                        "model.extra.e"),
                edit("another target", project -> project.target("crm"), "*"),
                edit(
                        "a setting of the profile",
                        project -> project.file(
                                "profiles.yml", ProjectOnDisk.PROFILES.replace("threads: 4", "threads: 5")),
                        "*"),
                edit(
                        "names without quotes",
                        project -> project.file(
                                "dbt_project.yml", project.text("dbt_project.yml") + "quoting: {identifier: false}\n")),
                edit(
                        "a search order",
                        project -> project.file(
                                "dbt_project.yml",
                                project.text("dbt_project.yml")
                                        + "dispatch: [{macro_namespace: dbt, search_order: [tools, dbt]}]\n"),
                        "*"));
    }
}

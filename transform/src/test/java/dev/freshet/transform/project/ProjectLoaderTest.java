package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.SourceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectLoaderTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void write() {
        project = new ProjectOnDisk(directory).withSources();
    }

    @Test
    void aFederatedModelNamesTablesAsTheStateStoreDoes() {
        project.model(
                "revenue",
                """
                {{ config(materialized='table', unique_key='id') }}
                select o.id, c.name, i.n
                from {{ source('shop', 'orders') }} o
                join {{ source('crm', 'customers') }} c on c.id = o.customer_id
                join {{ source('shop', 'items') }} i on i.order_id = o.id
                """);
        Model model = project.model("revenue");
        assertThat(model.sql())
                .isEqualTo(
                        """

                        select o.id, c.name, i.n
                        from "shop.public"."orders" o
                        join "crm.public"."customers" c on c.id = o.customer_id
                        join "shop.public"."order_items" i on i.order_id = o.id""");
        assertThat(model.route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(model.relation()).isEqualTo(new TableId("warehouse", "analytics", "revenue"));
        assertThat(model.uniqueKey()).containsExactly("id");
        assertThat(model.dependsOn())
                .containsExactly("source.demo.shop.orders", "source.demo.crm.customers", "source.demo.shop.items");
        assertThat(model.uniqueId()).isEqualTo("model.demo.revenue");
        assertThat(model.file()).isEqualTo("models/revenue.sql");
    }

    @Test
    void sourcesKnowTheirConnectionIdentifierAndTypes() {
        List<SourceTable> sources = project.load().sources();
        assertThat(sources)
                .extracting(SourceTable::table)
                .containsExactly(
                        new TableId("shop", "public", "orders"),
                        new TableId("shop", "public", "order_items"),
                        new TableId("crm", "public", "customers"),
                        new TableId("warehouse", "raw", "events"));
        assertThat(sources.get(0).declaredTypes()).isEqualTo(Map.of("id", "bigint"));
        assertThat(sources.get(0).file() + ":" + sources.get(0).line()).isEqualTo("models/sources.yml:6");
    }

    @Test
    void aModelOverTablesOfItsOwnTargetIsPushedDownInTheTargetsNames() {
        project.model("clicks", "{{ config(materialized='table') }}select * from {{ source('dw', 'events') }}")
                .model("users", "select * from {{ ref('clicks') }}")
                .model("shop_report", "{{ config(target='shop') }}select * from {{ source('shop', 'orders') }}");
        Project loaded = project.load();
        assertThat(loaded.models()).extracting(Model::route).containsOnly(Model.Route.PUSHDOWN);
        assertThat(ProjectOnDisk.find(loaded, "clicks").sql()).isEqualTo("select * from \"dw\".\"raw\".\"events\"");
        assertThat(ProjectOnDisk.find(loaded, "users").sql())
                .isEqualTo("select * from \"dw\".\"analytics\".\"clicks\"");
        assertThat(ProjectOnDisk.find(loaded, "shop_report").sql())
                .isEqualTo("select * from \"shop\".\"public\".\"orders\"");
        assertThat(ProjectOnDisk.find(loaded, "shop_report").relation())
                .isEqualTo(new TableId("shop", "public", "shop_report"));
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void explicitlyNamedOutputsFollowTheDefaultOutputsRoute() {
        project.file(
                        "profiles.yml",
                        ProjectOnDisk.PROFILES
                                + "    mine: {type: postgres, host: db, user: u, password: x, dbname: dw, schema: ada, route: {shop: shop_copy}}\n"
                                + "    shop_copy: {type: postgres, host: copy-db, user: u, password: x, dbname: shop, schema: public}\n")
                .model("shop_report", "{{ config(target='shop') }}select * from {{ source('shop', 'orders') }}")
                .model("plain", "select * from {{ source('crm', 'customers') }}");
        assertThat(ProjectOnDisk.find(project.load(), "shop_report").relation().connection())
                .as("the default output has no route")
                .isEqualTo("shop");
        Project routed = project.target("mine").load();
        assertThat(ProjectOnDisk.find(routed, "shop_report").relation().connection())
                .isEqualTo("shop_copy");
        assertThat(routed.sources().get(0).table().connection()).isEqualTo("shop_copy");
        assertThat(ProjectOnDisk.find(routed, "plain").relation()).isEqualTo(new TableId("mine", "ada", "plain"));
        assertThat(routed.sources().get(2).table().connection())
                .as("no route for it")
                .isEqualTo("crm");
    }

    @Test
    void aRouteToNowhereNamesTheRoute() {
        project.file(
                        "profiles.yml",
                        ProjectOnDisk.PROFILES
                                + "    mine: {type: postgres, host: db, user: u, password: x, dbname: dw, schema: ada, route: {shop: shoop}}\n")
                .target("mine");
        assertThatThrownBy(project::load)
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining("by the 'route' of output 'mine' from 'shop', names the output 'shoop'");
    }

    @Test
    void theServiceMaintainsWhateverReadsCapturedTables() {
        project.model("shop_report", "{{ config(target='shop') }}select * from {{ source('shop', 'orders') }}")
                .model("twice", "{{ config(target='shop') }}select * from {{ ref('shop_report') }}")
                .model("live", "select * from {{ source('dw', 'events') }}")
                .model(
                        "asked",
                        "{{ config(meta={'freshet': {'maintain': true}}) }}select * from {{ source('dw', 'events') }}")
                .model("constant", "select 1 as one");
        Project loaded = project.loadMaintained();
        assertThat(ProjectOnDisk.find(loaded, "shop_report").route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(ProjectOnDisk.find(loaded, "twice").route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(ProjectOnDisk.find(loaded, "twice").sql())
                .isEqualTo("select * from \"shop.public\".\"shop_report\"");
        assertThat(ProjectOnDisk.find(loaded, "live").route())
                .as("a source without a connection is a live table")
                .isEqualTo(Model.Route.PUSHDOWN);
        assertThat(ProjectOnDisk.find(loaded, "asked").route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(ProjectOnDisk.find(loaded, "constant").route()).isEqualTo(Model.Route.MAINTAINED);
    }

    @Test
    void theServiceMaintainsWhatAMaintainedModelReads() {
        project.model("clicks", "select * from {{ source('dw', 'events') }}")
                .model("unread", "select * from {{ source('dw', 'events') }}")
                .model("both", "select * from {{ ref('clicks') }}, {{ source('crm', 'customers') }}");
        Project served = project.loadMaintained();
        assertThat(ProjectOnDisk.find(served, "clicks").route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(ProjectOnDisk.find(served, "clicks").sql()).isEqualTo("select * from \"warehouse.raw\".\"events\"");
        assertThat(ProjectOnDisk.find(served, "unread").route())
                .as("its source is captured for the others anyway")
                .isEqualTo(Model.Route.MAINTAINED);
        assertThat(ProjectOnDisk.find(project.load(), "clicks").route())
                .as("a one-shot run leaves it to the target")
                .isEqualTo(Model.Route.PUSHDOWN);
    }

    @Test
    void aMaintainedViewIsAnnouncedAsATable() {
        project.model("both", "select * from {{ source('shop', 'orders') }}, {{ source('crm', 'customers') }}");
        assertThat(project.load().warnings())
                .containsExactly(
                        "DVT001: models/both.sql: view 'both' is maintained by Freshet and delivered as a table; say materialized='table' to agree");
        assertThat(project.model("both").materialization()).isEqualTo(Model.Materialization.VIEW);
    }

    @Test
    void ephemeralParentsAreInlinedForTheEngineOfTheirReader() {
        project.model("recent", "{{ config(materialized='ephemeral') }}select * from {{ source('shop', 'orders') }}")
                .model("paid", "{{ config(materialized='ephemeral') }}select * from {{ ref('recent') }} where paid")
                .model("there", "{{ config(target='shop') }}select * from {{ ref('paid') }}")
                .model(
                        "here",
                        "{{ config(materialized='table') }}with c as (select 1) select * from {{ ref('paid') }}, {{ ref('recent') }}");
        Project loaded = project.load();
        assertThat(ProjectOnDisk.find(loaded, "there").sql())
                .isEqualTo(
                        """
                        with __dbt__cte__recent as (
                        select * from "shop"."public"."orders"
                        ),  __dbt__cte__paid as (
                        select * from __dbt__cte__recent where paid
                        ) select * from __dbt__cte__paid""");
        assertThat(ProjectOnDisk.find(loaded, "here").sql())
                .isEqualTo(
                        """
                        with  __dbt__cte__recent as (
                        select * from "shop.public"."orders"
                        ),  __dbt__cte__paid as (
                        select * from __dbt__cte__recent where paid
                        ), c as (select 1) select * from __dbt__cte__paid, __dbt__cte__recent""");
        assertThat(loaded.models())
                .extracting(Model::name)
                .as("parents before children")
                .containsSubsequence("recent", "paid", "here")
                .containsSubsequence("paid", "there");
    }

    @Test
    void configurationMergesFromFarToNear() {
        project.file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        models:
                          +materialized: table
                          +tags: [all]
                          demo:
                            marts:
                              +schema: marts
                              +tags: nightly
                              finance:
                                +alias: "{{ 'money_' ~ target.name }}"
                                +meta: {owner: cfo, freshet: {maintain: false}}
                        """)
                .file(
                        "models/marts/finance/ledger.sql",
                        "{{ config(tags=['own'], unique_key=['a', 'b'], meta={'x': 1}) }} select '{{ config.get('meta') }}' as m")
                .file("models/marts/finance/p.yml", "models:\n  - name: ledger\n    config: {materialized: view}\n");
        Model model = project.model("ledger");
        assertThat(model.materialization()).isEqualTo(Model.Materialization.VIEW);
        assertThat(model.relation()).isEqualTo(new TableId("warehouse", "analytics_marts", "money_warehouse"));
        assertThat(model.tags()).containsExactly("all", "nightly", "own");
        assertThat(model.uniqueKey()).containsExactly("a", "b");
        assertThat(model.fqn()).containsExactly("demo", "marts", "finance", "ledger");
        assertThat(model.sql()).isEqualTo(" select '{'owner': 'cfo', 'freshet': {'maintain': False}, 'x': 1}' as m");
    }

    @Test
    void namingMacrosAreOverriddenAndSeeTheModelsOwnOutput() {
        project.file(
                        "macros/naming.sql",
                        """
                        {% macro generate_schema_name(custom_schema_name, node) -%}
                            {%- if custom_schema_name is none -%}{{ target.schema }}_{{ node.fqn[1] }}
                            {%- else -%}{{ custom_schema_name | trim }}{%- endif -%}
                        {%- endmacro %}
                        {% macro default__generate_alias_name(custom_alias_name, node) %}
                            {{ target.dbname }}_{{ node.name }}
                        {% endmacro %}
                        """)
                .file("models/core/a.sql", "select 1")
                .file("models/core/b.sql", "{{ config(schema=' exact ', target='crm') }} select 1");
        assertThat(project.model("a").relation()).isEqualTo(new TableId("warehouse", "analytics_core", "dw_a"));
        assertThat(project.model("b").relation()).isEqualTo(new TableId("crm", "exact", "crm_b"));
    }

    @Test
    void dispatchAndAdapterTypeFollowTheEngine() {
        project.file(
                        "macros/day.sql",
                        """
                        {% macro day(column) %}{{ return(adapter.dispatch('day', 'demo')(column)) }}{% endmacro %}
                        {% macro default__day(column) %}day({{ column }}){% endmacro %}
                        {% macro postgres__day(column) %}date_part('day', {{ column }}){% endmacro %}
                        """)
                .model(
                        "local",
                        "select {{ demo.day('at') }} as d, '{{ adapter.type() }}' as t from {{ source('dw', 'events') }}")
                .model(
                        "far",
                        "{{ config(materialized='table') }}select {{ day('at') }} as d, '{{ adapter.type() }}' as t, '{{ target.type }}' as u from {{ source('shop', 'orders') }}");
        assertThat(project.model("local").sql())
                .isEqualTo("select date_part('day', at) as d, 'postgres' as t from \"dw\".\"raw\".\"events\"");
        assertThat(project.model("far").sql())
                .isEqualTo("select day(at) as d, 'duckdb' as t, 'postgres' as u from \"shop.public\".\"orders\"");
    }

    @Test
    void aModelThatReadsAnotherTableOnAnotherEngineDependsOnIt() {
        project.model("a", "{{ config(materialized='table') }}select 1 as id")
                .model("b", "{{ config(materialized='table') }}select 2 as id")
                .model(
                        "chosen",
                        "{{ config(materialized='table') }}select * from {{ source('shop', 'orders') }}, {% if adapter.type() == 'duckdb' %}{{ ref('a') }}{% else %}{{ ref('b') }}{% endif %}");
        assertThat(project.model("chosen").dependsOn()).containsExactly("source.demo.shop.orders", "model.demo.a");
    }

    @Test
    void quotingIsAsTheProjectTheSourceAndTheModelSay() {
        project.file("dbt_project.yml", "name: demo\nprofile: demo\nquoting: {database: false, schema: false}\n")
                .file(
                        "models/q.yml",
                        """
                        sources:
                          - name: lake
                            quoting: {identifier: false}
                            tables: [{name: a}, {name: b, quoting: {schema: true}}]
                        """)
                .model("plain", "{{ config(quoting={'identifier': false}) }}select 1")
                .model("m", "{{ source('lake', 'a') }} {{ source('lake', 'b') }} {{ ref('plain') }} {{ this }}");
        assertThat(project.model("m").sql()).isEqualTo("dw.lake.a dw.\"lake\".b dw.analytics.plain dw.analytics.\"m\"");
        assertThat(project.load().warnings()).isEmpty();
        Manifest manifest = project.parse().manifest();
        assertThat(manifest.section("nodes").get("model.demo.plain"))
                .containsEntry("relation_name", "dw.analytics.plain");
        assertThat(manifest.section("sources").get("source.demo.lake.b"))
                .containsEntry("relation_name", "dw.\"lake\".b");
    }

    @Test
    void relationsBehaveAsTheyDoInDbt() {
        project.model("a", "select 1 as id")
                .model(
                        "b",
                        """
                        {%- set r = ref('a') -%}
                        {{ r.database }} {{ r.schema }} {{ r.identifier }} {{ r.name }} {{ r.is_view }}
                        {{ r.include(database=false) }} {{ r.include(schema=false, database=false) }} {{ r.quote(identifier=false) }}
                        {{ r.without_identifier() }} {{ this }} {{ this.render() }} {{ ref('demo', 'a') }} {{ builtins.ref('a') }}
                        {{ adapter.quote('x"y') }} {{ r }}""");
        assertThat(project.model("b").sql())
                .isEqualTo(
                        """
                        dw analytics a a True
                        "analytics"."a" "a" "dw"."analytics".a
                        "dw"."analytics" "dw"."analytics"."b" "dw"."analytics"."b" "dw"."analytics"."a" "dw"."analytics"."a"
                        "x""y" "dw"."analytics"."a\"""");
    }

    @Test
    void theContextHoldsWhatTemplatesUse() {
        project.file("dbt_project.yml", "name: demo\nprofile: demo\nvars:\n  a: 1\n  b: [x, y]\n  demo: {a: 2}\n")
                .environment("REGION", "eu")
                .var("c", "from the command line")
                .model(
                        "m",
                        """
                        {{ var('a') }} {{ var('b') | join('-') }} {{ var('c') }} {{ var('d', none) }} {{ var.has_var('d') }}
                        {{ env_var('REGION') }} {{ env_var('NONE', 'fallback') }}
                        {{ target.name }} {{ target.schema }} {{ target.type }} {{ target.dbname }} {{ target.port + 1 }} {{ target.profile_name }} {{ target.password }}
                        {{ model.name }} {{ model.unique_id }} {{ schema }} {{ database }} {{ execute }} {{ is_incremental() }} {{ project_name }}
                        {{ tojson({'a': [1, none, true]}) }} {{ fromjson('{"k": [1]}').k[0] }} {{ fromyaml('a: 1').a }} {{ toyaml({'a': 1}) | trim }}
                        {{ set([1, 1, 2]) | list }} {% for a, b in zip([1, 2], ['x', 'y']) %}{{ a }}{{ b }} {% endfor %}{{ local_md5('x') }}
                        {{ dbt_version }} {{ invocation_id | length }} {{ flags.FULL_REFRESH }}{{ log('hidden', info=true) }}{{ print('hidden') }}
                        {{ run_started_at }} {{ run_started_at.strftime('%d.%m.%Y %H:%M:%S %f %j %a %%') }} {{ run_started_at.year }}
                        {{ dbt.type_string() }} {{ dbt.concat(['a', 'b']) }} {{ dbt.date_trunc('day', 'at') }} {{ config.get('materialized', default='none') }}""");
        assertThat(project.model("m").sql())
                .isEqualTo(
                        """
                        2 x-y from the command line None False
                        eu fallback
                        warehouse analytics postgres dw 5433 demo\s
                        m model.demo.m analytics dw True False demo
                        {"a": [1, null, true]} 1 1 a: 1
                        [1, 2] 1x 2y 9dd4e461268c8034f5c8564e155c67a6
                        1.12.0 36 False
                        2026-11-20 00:00:00+00:00 20.11.2026 00:00:00 000000 324 Fri % 2026
                        TEXT a || b date_trunc('day', at) none""");
    }

    @Test
    void linesOfErrorsCountFromTheTopOfTheFileAndTheOuterSpaceIsStripped() {
        assertThat(project.model("m", "\n\n  select 1\n\n").model("m").sql()).isEqualTo("select 1");
        assertThat(project.model("m", "\n\n{{- config(materialized='table') }}\nselect 1")
                        .model("m")
                        .sql())
                .isEqualTo("\nselect 1");
    }

    @Test
    void profilesAreRenderedAndSearchedInOrder() throws IOException {
        Files.delete(directory.resolve("profiles.yml"));
        project.file("home/.dbt/profiles.yml", "demo:\n  outputs:\n    default: {type: postgres, schema: last}\n")
                .file(
                        "home/.dvt/profiles.yml",
                        """
                        demo:
                          outputs:
                            default:
                              type: postgres
                              schema: "{{ env_var('SCHEMA') }}"
                              port: "{{ env_var('PORT', '5433') | as_number }}"
                              password: "00123"
                              number: 00123
                              debezium: {slot.name: x, nested: {a: true}}
                              hosts: [a, b]
                            shop: {type: postgres}
                            crm: {type: postgres}
                        """)
                .environment("SCHEMA", "second");
        Map<String, String> settings =
                project.load().connections().get("default").settings();
        assertThat(settings)
                .isEqualTo(Map.of(
                        "schema", "second",
                        "port", "5433",
                        "password", "00123",
                        "number", "00123",
                        "debezium.slot.name", "x",
                        "debezium.nested.a", "true",
                        "hosts", "a,b"));
        assertThat(project.load().target()).isEqualTo("default");
        assertThat(project.load().toString()).doesNotContain("00123");
    }

    @Test
    void enabledMayBeDecidedByTheTarget() {
        project.file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        models:
                          demo:
                            dev: {+enabled: "{{ target.name != 'warehouse' }}"}
                            prod: {+enabled: "{{ target.name == 'warehouse' }}", +schema: "{{ var('suffix', 'x') }}"}
                        """)
                .file("models/dev/a.sql", "select 1 as id")
                .file("models/prod/a.sql", "select 2 as id");
        assertThat(project.load().models())
                .extracting(Model::file, model -> model.relation().schema())
                .containsExactly(tuple("models/prod/a.sql", "analytics_x"));
    }

    @Test
    void theTargetOptionMovesEverythingThatNamesNoOutput() {
        project.model("m", "select 1 as id").target("crm");
        Project loaded = project.load();
        assertThat(loaded.target()).isEqualTo("crm");
        assertThat(ProjectOnDisk.find(loaded, "m").relation()).isEqualTo(new TableId("crm", "public", "m"));
        assertThat(loaded.sources().get(3).table()).isEqualTo(new TableId("crm", "raw", "events"));
    }

    @Test
    void compiledFilesLieWhereDbtPutsThem() throws IOException {
        project.file("dbt_project.yml", "name: demo\nprofile: demo\ntarget-path: out\n")
                .file("models/a/b/m.sql", "select {{ 1 + 1 }}");
        project.file("models/a/p.yml", "models: [{name: m, columns: [{name: id, tests: [unique]}]}]");
        ParsedProject parsed = project.parse();
        List<String> all = parsed.nodes().stream().map(Node::uniqueId).toList();
        parsed.compileSelected(all, Databases.none()).write();
        assertThat(directory.resolve("out/compiled/demo/models/a/b/m.sql")).hasContent("select 2");
        assertThat(directory.resolve("out/compiled/demo/models/a/p.yml/unique_m_id.sql"))
                .content()
                .contains("having count(*) > 1");
        Map<String, Object> node =
                Manifest.read(directory.resolve("out")).node("model.demo.m").orElseThrow();
        assertThat(node)
                .containsEntry("compiled", true)
                .containsEntry("compiled_code", "select 2")
                .containsEntry("compiled_path", "out/compiled/demo/models/a/b/m.sql");
    }
}

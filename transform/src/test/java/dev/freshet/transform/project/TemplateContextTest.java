package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.project.database.Databases;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What templates find beside ref, source and config. */
class TemplateContextTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void emptyProject() {
        project = new ProjectOnDisk(directory).withSources();
    }

    @Test
    void makesRelations() {
        assertThat(
                        compiled(
                                """
                        {{ api.Relation.create(database='d', schema='s', identifier='t') }}
                        {{ api.Relation.create(schema='s', identifier='t', type='view').is_view }}
                        {{ api.Relation.create(identifier='t').type }} {{ api.Relation.add_ephemeral_prefix('m') }}"""))
                .isEqualTo("\"d\".\"s\".\"t\"\nTrue\nNone __dbt__cte__m");
    }

    @Test
    void hasTheStrictFunctionsAndTheBuiltins() {
        project.model("other", "select 1");
        assertThat(
                        compiled(
                                "{{ builtins.ref('other') }} {{ builtins.source('dw', 'events') }} {{ set_strict([1, 1]) | list }} {{ zip_strict([1], ['a']) | list }}"))
                .isEqualTo("\"dw\".\"analytics\".\"other\" \"dw\".\"raw\".\"events\" [1] [(1, 'a')]");
    }

    /** Only what orders the graph has to be known while parsing. */
    @Test
    void aSourceMayBeMetWhileCompilingOnly() {
        assertThat(compiled("{% if execute %}{{ source('dw', 'events') }}{% endif %}"))
                .isEqualTo("\"dw\".\"raw\".\"events\"");
    }

    /** How dbt_utils tells a relation from a text. */
    @Test
    void relationsAreMappings() {
        assertThat(
                        compiled(
                                "{{ this is mapping and this.get('metadata', {}).get('type', '').endswith('Relation') }} {{ this.get('nothing', 7) }} {{ adapter is mapping }}"))
                .isEqualTo("True 7 False");
    }

    @Test
    void makesColumns() {
        assertThat(
                        compiled(
                                """
                        {% set amount = api.Column('amount', 'numeric', none, 12, 2) -%}
                        {{ amount.name }} {{ amount.quoted }} {{ amount.data_type }} {{ amount.is_numeric() }} {{ amount.is_string() }}
                        {{ api.Column.create('note', 'string').dtype }} {{ api.Column.translate_type('integer') }}
                        {{ api.Column.numeric_type('numeric', 28, 6) }} {{ api.Column('c', 'varchar', 20).data_type }}"""))
                .isEqualTo(
                        """
                        amount "amount" numeric(12,2) True False
                        TEXT INT
                        numeric(28,6) character varying(20)""");
    }

    @Test
    void hasPythonsModulesAtTheTimeOfTheRun() {
        assertThat(
                        compiled(
                                """
                        {{ modules.re.sub('[0-9]+', '#', 'a12b') }} {{ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d') }}
                        {{ run_started_at.astimezone(modules.pytz.timezone('America/New_York')) }}"""))
                .isEqualTo("a#b 2026-11-20\n2026-11-19 19:00:00-05:00");
    }

    @Test
    void queriesGiveNothingWhileParsing() {
        assertThat(
                        compiled(
                                """
                                {%- if not execute -%}
                                    {%- call statement('s', fetch_result=true) -%}select 1{%- endcall -%}
                                    {%- set none_yet = [load_result('s'), run_query('select 1')] -%}
                                    {%- for column in adapter.get_columns_in_relation(this) %}{{ column.name }}{% endfor -%}
                                {%- endif -%}
                                select 1"""))
                .isEqualTo("select 1");
    }

    @Test
    void writesTheDialectOfPostgres() {
        assertThat(compiled(CROSS_DATABASE))
                .isEqualTo(
                        """
                string_agg(a, ',' order by b)
                array_to_string((array_agg(a))[1:2], '; ')
                right(a, 3) position('x' in a) min(a) bool_or(a)
                cast(date_trunc('quarter', d) + interval '3 month' - interval '1 day' as date)
                'it' it''s except intersect array[1, 2] array_cat(a, b) cast('2026-02-03' as date)""");
    }

    @Test
    void writesTheDialectOfTheStateStore() {
        assertThat(compiled(
                        "{# {{ source('shop', 'orders') }} #}{% set s = source('shop', 'orders') %}{{ adapter.type() }}\n"
                                + CROSS_DATABASE))
                .isEqualTo(
                        """
                        duckdb
                        string_agg(a, ',' order by b)
                        array_to_string((array_agg(a))[1:2], '; ')
                        right(a, 3) position('x' in a) any_value(a) bool_or(a)
                        cast(date_add(date_add(date_trunc('quarter', d), interval (1) quarter), interval (-1) day) as date)
                        'it' it''s except intersect [1, 2] list_concat(a, b) cast('2026-02-03' as date)""");
    }

    @Test
    void aProjectOverridesADialectsMacro() {
        project.file("macros/mine.sql", "{% macro default__right(a, b) %}mine({{ a }}){% endmacro %}");
        assertThat(compiled("{{ dbt.right('a', 3) }}")).isEqualTo("mine(a)");
    }

    @Test
    void showsTheWholeContext() {
        project.file("macros/m.sql", "{% macro cents(a) %}{{ a }} / 100{% endmacro %}")
                .environment("DBT_ENV_CUSTOM_ENV_JOB", "7");
        assertThat(
                        compiled(
                                """
                                {{ context['cents']('x') }} {{ context.get('nothing', 'none') }} {{ context.get('demo').cents('y') }} {{ context['this'].identifier }}
                                {{ render('{{ cents("z") }} {{ model.name }}') }} {{ thread_id }} {{ dbt_metadata_envs }}
                                {{ diff_of_two_dicts({'key_x': ['value_1', 'VALUE_2'], 'KEY_Y': ['value_3']}, {'key_x': ['value_1'], 'key_z': ['value_4']}) }}
                                {{ try_or_compiler_error('never', cents, 'w') }} {{ invocation_args_dict.which }}
                                {%- do store_raw_result('r', message='OK', rows_affected=2) %} {{ load_result('r').response.rows_affected }}"""))
                .isEqualTo(
                        """
                        x / 100 none y / 100 m
                        z / 100 m MainThread {'JOB': '7'}
                        {'key_x': ['VALUE_2'], 'KEY_Y': ['value_3']}
                        w / 100 run 2""");
        project.model("m", "\n{{ try_or_compiler_error('it broke', modules.re.match, 3) }}");
        assertThatThrownBy(() -> project.load()).hasMessageContaining("models/m.sql:2: it broke");
    }

    @Test
    void showsTheSelectionWhenItIsCompiled() {
        project.model("a", "{{ selected_resources }}").model("b", "select 1");
        ParsedProject parsed = project.parse();
        assertThat(parsed.compileSelected(List.of("model.demo.a", "model.demo.b"), Databases.none())
                        .texts())
                .containsEntry("model.demo.a", "['model.demo.a', 'model.demo.b']");
    }

    @Test
    void theModelKnowsItsPropertiesAndParentsWhenItIsCompiled() {
        project.model("other", "select 1")
                .file("models/p.yml", "models: [{name: m, description: M, columns: [{name: id, data_type: int}]}]");
        assertThat(
                        compiled(
                                "{{ model.columns.id.data_type }} {{ model.depends_on.nodes }} {{ model.description }} {{ 'group' in model }}{# {{ ref('other') }} #} {{ ref('other') }}"))
                .isEqualTo("int ['model.demo.other'] M False \"dw\".\"analytics\".\"other\"");
    }

    @Test
    void knowsAllOfDbtsExceptions() {
        for (String[] each : new String[][] {
            {"raise_compiler_error('a', model)", "a"},
            {"raise_database_error('b')", "b"},
            {"raise_not_implemented('c')", "c"},
            {"raise_dependency_error('d')", "d"},
            {"raise_fail_fast_error('e')", "e"},
            {"raise_cache_inconsistent('f')", "f"},
            {"missing_config(model, 'unique_key')", "model 'model.demo.m' needs 'unique_key' in its config"},
            {"missing_materialization(model, 'postgres')", "there is no materialization 'view' for postgres"},
            {"missing_relation(this)", "relation \"dw\".\"analytics\".\"m\" is not there"},
            {
                "relation_wrong_type(this, 'table')",
                "is a view, not the expected table; rename or drop it, or give the model another alias"
            },
            {"raise_contract_error(['a'], ['b'])", "The contract says a, its SQL gives b"},
            {"column_type_missing(['a'])", "it is missing for a"},
            {"raise_ambiguous_alias(model, model)", "two nodes would be written to one relation"},
            {"raise_ambiguous_catalog_match('x', 1, 2)", "'x' matches two relations"},
            {"raise_dataclass_not_dict(3)", "this object is not a dictionary: 3"},
            {"raise_dep_not_found(model, 'node x', 'tools')", "which is not installed; run 'freshet deps'"},
            {"raise_duplicate_patch_name(model, 'p.yml')", "already has properties in p.yml"},
            {"raise_duplicate_resource_name(model, model)", "two nodes have one name"},
            {"raise_invalid_property_yml_version('p.yml', 'old')", "p.yml is not a valid properties file: old"}
        }) {
            project.model("m", "{% if execute %}\n{{ exceptions." + each[0] + " }}{% endif %}");
            assertThatThrownBy(() -> project.load())
                    .as(each[0])
                    .hasMessageContaining("models/m.sql:2: ")
                    .hasMessageContaining(each[1]);
        }
        project.model(
                "m",
                "\n{{ exceptions.warn('careful', model) }}{% do exceptions.warn_snapshot_timestamp_data_types('date', 'text') %}");
        assertThat(project.load().warnings())
                .containsExactly(
                        "models/m.sql:2: careful",
                        "models/m.sql:2: the snapshot's time is a date and 'updated_at' is a text: comparing them may go wrong");
    }

    private static final String CROSS_DATABASE =
            """
            {{ dbt.listagg('a', "','", 'order by b') }}
            {{ dbt.listagg('a', "'; '", none, 2) }}
            {{ dbt.right('a', 3) }} {{ dbt.position("'x'", 'a') }} {{ dbt.any_value('a') }} {{ dbt.bool_or('a') }}
            {{ dbt.last_day('d', 'quarter') }}
            {{ dbt.string_literal('it') }} {{ dbt.escape_single_quotes("it's") }} {{ dbt.except() }} {{ dbt.intersect() }} {{ dbt.array_construct([1, 2]) }} {{ dbt.array_concat('a', 'b') }} {{ dbt.date(2026, 2, 3) }}""";

    private String compiled(String template) {
        return project.model("m", template).model("m").sql();
    }
}

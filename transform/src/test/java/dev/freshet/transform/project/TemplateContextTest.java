package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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
                                "{{ builtins.ref('other') }} {{ builtins.source('dw', 'events') }} {{ set_strict([1, 1]) | list }} {{ zip_strict([1], ['a']) | list }} {{ selected_resources }} {{ dbt_metadata_envs }}"))
                .isEqualTo("\"dw\".\"analytics\".\"other\" \"dw\".\"raw\".\"events\" [1] [(1, 'a')] [] {}");
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

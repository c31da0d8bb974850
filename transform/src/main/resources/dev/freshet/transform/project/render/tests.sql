{# How tests count what fails. #}

{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}{{ adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) }}{%- endmacro %}
{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
select
    {{ fail_calc }} as failures,
    {{ fail_calc }} {{ warn_if }} as should_warn,
    {{ fail_calc }} {{ error_if }} as should_error
from (
{{ main_sql }}
{{ 'limit ' ~ limit if limit }}
) dbt_internal_test
{%- endmacro %}

{% materialization test, default %}
    {%- set relations = [] -%}
    {%- set limit = config.get('limit') -%}
    {%- if should_store_failures() -%}
        {%- set kind = config.get('store_failures_as') or 'table' -%}
        {%- if kind not in ['table', 'view'] -%}
            {{ exceptions.raise_compiler_error("store_failures_as is 'table', 'view' or 'ephemeral', not '" ~ kind ~ "'") }}
        {%- endif -%}
        {%- set old = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
        {%- set target = this.incorporate(type=kind) -%}
        {%- do drop_relation_if_exists(old) -%}
        {%- call statement(auto_begin=true) -%}{{ get_create_sql(target, sql) }}{%- endcall -%}
        {%- do relations.append(target) -%}
        {%- do adapter.commit() -%}
        {%- set main_sql -%}select *
from {{ target }}{%- endset -%}
    {%- else -%}
        {%- set main_sql = sql -%}
    {%- endif -%}
    {%- call statement('main', fetch_result=true) -%}
        {{ get_test_sql(main_sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit) }}
    {%- endcall -%}
    {{ return({'relations': relations}) }}
{% endmaterialization %}

{# When a source was loaded last. #}

{% macro collect_freshness(source, loaded_at_field, filter) %}{{ return(adapter.dispatch('collect_freshness', 'dbt')(source, loaded_at_field, filter)) }}{% endmacro %}
{% macro default__collect_freshness(source, loaded_at_field, filter) %}
    {%- call statement('collect_freshness', fetch_result=true, auto_begin=false) -%}
select max({{ loaded_at_field }}) as max_loaded_at, {{ current_timestamp() }} as snapshotted_at
from {{ source }}
{{ 'where ' ~ filter if filter }}
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{% endmacro %}
{% macro collect_freshness_custom_sql(source, loaded_at_query) %}{{ return(adapter.dispatch('collect_freshness_custom_sql', 'dbt')(source, loaded_at_query)) }}{% endmacro %}
{% macro default__collect_freshness_custom_sql(source, loaded_at_query) %}
    {%- call statement('collect_freshness', fetch_result=true, auto_begin=false) -%}
with source_query as (
{{ loaded_at_query }}
)
select (select * from source_query) as max_loaded_at, {{ current_timestamp() }} as snapshotted_at
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{% endmacro %}

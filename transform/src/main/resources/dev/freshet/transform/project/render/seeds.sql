{# How files of rows become tables. #}

{% macro create_csv_table(model, agate_table) -%}{{ adapter.dispatch('create_csv_table', 'dbt')(model, agate_table) }}{%- endmacro %}
{% macro default__create_csv_table(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set quote_seed_column = model['config'].get('quote_columns', none) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append(adapter.quote_seed_column(name, quote_seed_column) ~ ' ' ~ types.get(name, adapter.convert_type(agate_table, loop.index0))) -%}
    {%- endfor -%}
    {%- set create -%}create table {{ this }} ({{ columns | join(', ') }}){%- endset -%}
    {%- call statement('_') -%}{{ create }}{%- endcall -%}
    {{ return(create) }}
{% endmacro %}

{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}{{ adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table) }}{%- endmacro %}
{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- if full_refresh -%}
        {%- do adapter.drop_relation(old_relation) -%}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {%- do adapter.truncate_relation(old_relation) -%}
    {{ return('truncate table ' ~ old_relation) }}
{% endmacro %}

{% macro get_csv_sql(create_or_truncate_sql, insert_sql) %}{{ adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql) }}{% endmacro %}
{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}{{ create_or_truncate_sql }};
-- dbt seed --
{{ insert_sql }}{% endmacro %}
{% macro get_binding_char() -%}{{ return(adapter.dispatch('get_binding_char', 'dbt')()) }}{%- endmacro %}
{% macro default__get_binding_char() %}{{ return('%s') }}{% endmacro %}
{% macro duckdb__get_binding_char() %}{{ return('?') }}{% endmacro %}
{% macro get_batch_size() -%}{{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}{%- endmacro %}
{% macro default__get_batch_size() %}{{ return(10000) }}{% endmacro %}
{% macro get_seed_column_quoted_csv(model, column_names) %}
    {%- set quote_seed_column = model['config'].get('quote_columns', none) -%}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}{%- do quoted.append(adapter.quote_seed_column(name, quote_seed_column)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}

{% macro load_csv_rows(model, agate_table) -%}{{ adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table) }}{%- endmacro %}
{% macro default__load_csv_rows(model, agate_table) %}
    {{ return(adapter.load_seed_rows(this, get_seed_column_quoted_csv(model, agate_table.column_names), agate_table, get_batch_size())) }}
{% endmacro %}

{% materialization seed, default %}
    {%- set full_refresh_mode = should_full_refresh() -%}
    {%- set old = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set agate_table = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- if old is not none and old.is_view -%}
        {{ exceptions.raise_compiler_error("Cannot seed to '" ~ old ~ "', it is a view") }}
    {%- elif old is not none -%}
        {%- set made = reset_csv_table(model, full_refresh_mode, old, agate_table) -%}
    {%- else -%}
        {%- set made = create_csv_table(model, agate_table) -%}
    {%- endif -%}
    {%- set code = 'CREATE' if full_refresh_mode else 'INSERT' -%}
    {%- set count = agate_table.rows | length -%}
    {%- set insert = load_csv_rows(model, agate_table) -%}
    {%- call noop_statement('main', code ~ ' ' ~ count, code, count) -%}{{ get_csv_sql(made, insert) }}{%- endcall -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(old, full_refresh_mode)) -%}
    {%- do persist_docs(target, model) -%}
    {%- if full_refresh_mode or old is none -%}{%- do create_indexes(target) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
{# DuckDB reads the file by itself. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- if not config.get('fast', true) -%}{{ return(default__load_csv_rows(model, agate_table)) }}{%- endif -%}
    {%- set copy = "copy " ~ this ~ " from '" ~ (adapter.get_seed_file_path(model) | replace("'", "''")) ~ "' (format csv, header true, delimiter '" ~ config.get('delimiter', ',') ~ "')" -%}
    {%- do adapter.add_query(copy) -%}
    {{ return(copy) }}
{% endmacro %}

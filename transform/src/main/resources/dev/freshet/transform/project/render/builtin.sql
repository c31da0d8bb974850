{# The macros that every project has under the package name dbt. A project overrides one by defining its name. #}

{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
    {{ return(adapter.dispatch('generate_schema_name', 'dbt')(custom_schema_name, node)) }}
{%- endmacro %}

{% macro default__generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}

{% macro generate_schema_name_for_env(custom_schema_name, node) -%}
    {%- if target.name == 'prod' and custom_schema_name is not none -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}
    {%- endif -%}
{%- endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ return(adapter.dispatch('generate_alias_name', 'dbt')(custom_alias_name, node)) }}
{%- endmacro %}

{% macro default__generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- elif node.version -%}
        {{ node.name ~ '_v' ~ (node.version | replace('.', '_')) }}
    {%- else -%}
        {{ node.name }}
    {%- endif -%}
{%- endmacro %}

{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {{ return(adapter.dispatch('generate_database_name', 'dbt')(custom_database_name, node)) }}
{%- endmacro %}

{% macro default__generate_database_name(custom_database_name=none, node=none) -%}
    {%- if custom_database_name is none -%}
        {{ target.database }}
    {%- else -%}
        {{ custom_database_name | trim }}
    {%- endif -%}
{%- endmacro %}

{% macro is_incremental() %}
    {%- if not execute -%}{{ return(false) }}{%- endif -%}
    {%- if model.config.materialized != 'incremental' or should_full_refresh() -%}{{ return(false) }}{%- endif -%}
    {#- A maintained model's own copy is asked, not the target. -#}
    {%- if model.freshet_run is defined -%}{{ return(model.freshet_run == 'continued') }}{%- endif -%}
    {%- set existing = load_relation(this) -%}
    {{ return(existing is not none and existing.type == 'table') }}
{% endmacro %}

{# Queries while compiling. #}

{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
    {%- if execute -%}
        {%- set sql = caller() -%}
        {%- if name == 'main' and write is defined -%}{{ write(sql) }}{%- endif -%}
        {%- set answer = adapter.execute(sql, auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- if name is not none -%}{{ store_result(name, response=answer[0], agate_table=answer[1]) }}{%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
    {%- set sql = caller() -%}
    {%- if name == 'main' and write is defined -%}{{ write(sql) }}{%- endif -%}
    {%- if name is not none -%}{{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}{%- endif -%}
{%- endmacro %}

{% macro run_query(sql) %}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}{{ sql }}{%- endcall -%}
    {{ return(load_result('run_query_statement').table) }}
{% endmacro %}

{% macro load_relation(relation) %}{{ return(adapter.load_relation(relation)) }}{% endmacro %}
{% macro load_cached_relation(relation) %}{{ return(load_relation(relation)) }}{% endmacro %}
{% macro get_columns_in_relation(relation) %}{{ return(adapter.get_columns_in_relation(relation)) }}{% endmacro %}
{% macro check_schema_exists(information_schema, schema) %}{{ return(adapter.check_schema_exists(information_schema.database, schema)) }}{% endmacro %}
{% macro get_columns_in_query(select_sql) %}{{ return(adapter.get_columns_in_query(select_sql)) }}{% endmacro %}
{% macro get_column_schema_from_query(select_sql, select_sql_header=none) %}{{ return(adapter.get_column_schema_from_query(select_sql)) }}{% endmacro %}
{% macro list_schemas(database) %}{{ return(adapter.list_schemas(database)) }}{% endmacro %}
{% macro list_relations_without_caching(schema_relation) %}{{ return(adapter.list_relations_without_caching(schema_relation)) }}{% endmacro %}

{% macro should_full_refresh() %}
    {%- set configured = config.get('full_refresh') -%}
    {{ return(flags.FULL_REFRESH if configured is none or configured == '' else configured) }}
{% endmacro %}

{% macro type_string() %}{{ return(adapter.dispatch('type_string', 'dbt')()) }}{% endmacro %}
{% macro default__type_string() %}{{ return('TEXT') }}{% endmacro %}
{% macro mysql__type_string() %}{{ return('CHAR') }}{% endmacro %}
{% macro type_timestamp() %}{{ return(adapter.dispatch('type_timestamp', 'dbt')()) }}{% endmacro %}
{% macro default__type_timestamp() %}{{ return('TIMESTAMP') }}{% endmacro %}
{% macro postgres__type_timestamp() %}{{ return('timestamp without time zone') }}{% endmacro %}
{% macro type_float() %}{{ return(adapter.dispatch('type_float', 'dbt')()) }}{% endmacro %}
{% macro default__type_float() %}{{ return('FLOAT') }}{% endmacro %}
{% macro duckdb__type_float() %}{{ return('DOUBLE') }}{% endmacro %}
{% macro type_numeric() %}{{ return(adapter.dispatch('type_numeric', 'dbt')()) }}{% endmacro %}
{% macro default__type_numeric() %}{{ return('numeric(28,6)') }}{% endmacro %}
{% macro type_int() %}{{ return(adapter.dispatch('type_int', 'dbt')()) }}{% endmacro %}
{% macro default__type_int() %}{{ return('INTEGER') }}{% endmacro %}
{% macro type_bigint() %}{{ return(adapter.dispatch('type_bigint', 'dbt')()) }}{% endmacro %}
{% macro default__type_bigint() %}{{ return('BIGINT') }}{% endmacro %}
{% macro type_boolean() %}{{ return(adapter.dispatch('type_boolean', 'dbt')()) }}{% endmacro %}
{% macro default__type_boolean() %}{{ return('BOOLEAN') }}{% endmacro %}

{% macro concat(fields) %}{{ return(adapter.dispatch('concat', 'dbt')(fields)) }}{% endmacro %}
{% macro default__concat(fields) %}{{ return(fields | join(' || ')) }}{% endmacro %}
{% macro mysql__concat(fields) %}{{ return('concat(' ~ (fields | join(', ')) ~ ')') }}{% endmacro %}

{% macro hash(field) %}{{ return(adapter.dispatch('hash', 'dbt')(field)) }}{% endmacro %}
{% macro default__hash(field) %}{{ return('md5(cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ '))') }}{% endmacro %}

{% macro safe_cast(field, type) %}{{ return(adapter.dispatch('safe_cast', 'dbt')(field, type)) }}{% endmacro %}
{% macro default__safe_cast(field, type) %}{{ return('cast(' ~ field ~ ' as ' ~ type ~ ')') }}{% endmacro %}
{% macro duckdb__safe_cast(field, type) %}{{ return('try_cast(' ~ field ~ ' as ' ~ type ~ ')') }}{% endmacro %}

{% macro cast(expression, data_type) %}{{ return(adapter.dispatch('cast', 'dbt')(expression, data_type)) }}{% endmacro %}
{% macro default__cast(expression, data_type) %}{{ return('cast(' ~ expression ~ ' as ' ~ data_type ~ ')') }}{% endmacro %}

{% macro date_trunc(datepart, date) %}{{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}{% endmacro %}
{% macro default__date_trunc(datepart, date) %}{{ return("date_trunc('" ~ datepart ~ "', " ~ date ~ ")") }}{% endmacro %}

{% macro dateadd(datepart, interval, from_date_or_timestamp) %}{{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}{% endmacro %}
{% macro default__dateadd(datepart, interval, from_date_or_timestamp) %}{{ return(from_date_or_timestamp ~ " + ((interval '1 " ~ datepart ~ "') * (" ~ interval ~ "))") }}{% endmacro %}
{# DuckDB takes no bare literal for a date here; packages pass one where other engines do. #}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) %}
    {%- set moment = from_date_or_timestamp | string | trim -%}
    {%- set is_literal = modules.re.match("^'[^']*'$", moment) is not none -%}
    {{ return("date_add(" ~ ("cast(" ~ moment ~ " as timestamp)" if is_literal else from_date_or_timestamp) ~ ", interval (" ~ interval ~ ") " ~ datepart ~ ")") }}
{% endmacro %}

{% macro datediff(first_date, second_date, datepart) %}{{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}{% endmacro %}
{% macro duckdb__datediff(first_date, second_date, datepart) %}{{ return("date_diff('" ~ datepart ~ "', " ~ first_date ~ "::timestamp, " ~ second_date ~ "::timestamp)") }}{% endmacro %}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    {%- set days -%} (({{ second_date }})::date - ({{ first_date }})::date) {%- endset -%}
    {%- set months -%} ((date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date)) * 12 + date_part('month', ({{ second_date }})::date) - date_part('month', ({{ first_date }})::date)) {%- endset -%}
    {%- set unit = datepart | lower -%}
    {%- if unit == 'year' -%} (date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date))
    {%- elif unit == 'month' -%} {{ months }}
    {%- elif unit == 'quarter' -%} (date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date)) * 4 + date_part('quarter', ({{ second_date }})::date) - date_part('quarter', ({{ first_date }})::date)
    {#- Weeks begin on Sunday: 2000-01-02 was one. -#}
    {%- elif unit == 'week' -%} (floor((({{ second_date }})::date - date '2000-01-02') / 7.0) - floor((({{ first_date }})::date - date '2000-01-02') / 7.0))::bigint
    {%- elif unit == 'day' -%} {{ days }}
    {%- elif unit in ('millisecond', 'microsecond') -%}
        {%- set scale = {'millisecond': 1000, 'microsecond': 1000000}[unit] -%}
        (floor(extract(epoch from ({{ second_date }})::timestamp) * {{ scale }}) - floor(extract(epoch from ({{ first_date }})::timestamp) * {{ scale }}))::bigint
    {%- elif unit in ('hour', 'minute', 'second') -%}
        {%- set seconds = {'hour': 3600, 'minute': 60, 'second': 1}[unit] -%}
        ((extract(epoch from date_trunc('{{ unit }}', ({{ second_date }})::timestamp)) - extract(epoch from date_trunc('{{ unit }}', ({{ first_date }})::timestamp))) / {{ seconds }})::bigint
    {%- else -%} {{ exceptions.raise_compiler_error("datediff on postgres knows year, quarter, month, week, day, hour, minute, second, millisecond and microsecond, not '" ~ datepart ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro current_timestamp() %}{{ return(adapter.dispatch('current_timestamp', 'dbt')()) }}{% endmacro %}
{% macro default__current_timestamp() %}{{ return('now()') }}{% endmacro %}

{% macro length(expression) %}{{ return(adapter.dispatch('length', 'dbt')(expression)) }}{% endmacro %}
{% macro default__length(expression) %}{{ return('length(' ~ expression ~ ')') }}{% endmacro %}
{% macro replace(field, old_chars, new_chars) %}{{ return(adapter.dispatch('replace', 'dbt')(field, old_chars, new_chars)) }}{% endmacro %}
{% macro default__replace(field, old_chars, new_chars) %}{{ return('replace(' ~ field ~ ', ' ~ old_chars ~ ', ' ~ new_chars ~ ')') }}{% endmacro %}
{% macro split_part(string_text, delimiter_text, part_number) %}{{ return(adapter.dispatch('split_part', 'dbt')(string_text, delimiter_text, part_number)) }}{% endmacro %}
{% macro default__split_part(string_text, delimiter_text, part_number) %}{{ return('split_part(' ~ string_text ~ ', ' ~ delimiter_text ~ ', ' ~ part_number ~ ')') }}{% endmacro %}

{# Generic tests: each selects the rows that fail. #}

{% macro get_where_subquery(relation) -%}{{ return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) }}{%- endmacro %}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where -%}{{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') }}{%- else -%}{{ return(relation) }}{%- endif -%}
{%- endmacro %}

{% macro should_store_failures() %}
    {%- set configured = config.get('store_failures') -%}
    {{ return(flags.STORE_FAILURES if configured is none or configured == '' else configured) }}
{% endmacro %}

{% test not_null(model, column_name) %}{{ return(adapter.dispatch('test_not_null', 'dbt')(model, column_name)) }}{% endtest %}
{% macro default__test_not_null(model, column_name) -%}
select {{ '*' if should_store_failures() else column_name }}
from {{ model }}
where {{ column_name }} is null
{%- endmacro %}

{% test unique(model, column_name) %}{{ return(adapter.dispatch('test_unique', 'dbt')(model, column_name)) }}{% endtest %}
{% macro default__test_unique(model, column_name) -%}
select {{ column_name }} as unique_field, count(*) as n_records
from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1
{%- endmacro %}

{% test accepted_values(model, column_name, values, quote=true) %}{{ return(adapter.dispatch('test_accepted_values', 'dbt')(model, column_name, values, quote)) }}{% endtest %}
{% macro default__test_accepted_values(model, column_name, values, quote=true) -%}
select value_field, n_records
from (
    select {{ column_name }} as value_field, count(*) as n_records
    from {{ model }}
    group by {{ column_name }}
) as all_values
where value_field not in ({% for value in values %}{{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% test relationships(model, column_name, to, field) %}{{ return(adapter.dispatch('test_relationships', 'dbt')(model, column_name, to, field)) }}{% endtest %}
{% macro default__test_relationships(model, column_name, to, field) -%}
select child.from_field
from (select {{ column_name }} as from_field from {{ model }} where {{ column_name }} is not null) as child
left join (select {{ field }} as to_field from {{ to }}) as parent on child.from_field = parent.to_field
where parent.to_field is null
{%- endmacro %}

{# How unit tests make rows of what their authors wrote, and compare. #}

{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {%- set types, quoted = {}, {} -%}
    {%- if column_name_to_data_types -%}
        {%- do types.update(column_name_to_data_types) -%}
    {%- else -%}
        {%- for column in adapter.get_columns_in_relation(this) -%}
            {%- do types.update({column.name | lower: column.data_type}) -%}
            {%- do quoted.update({column.name | lower: column.quoted}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not types -%}
        {{ exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation doesn't exist: build it first, which --empty does without rows, or give its rows with format: sql") }}
    {%- endif -%}
    {%- set missing = {} -%}
    {%- for name, type in types.items() -%}{%- do missing.update({name: dbt.safe_cast('null', type) | trim}) -%}{%- endfor -%}
-- Fixture for {{ model.name }}
{% for row in rows -%}
    {%- set values = {} -%}
    {%- do values.update(missing) -%}
    {%- do values.update(format_row(row, types)) -%}
select {% for name, value in values.items() %}{{ value }} as {{ quoted.get(name, name) }}{{ ', ' if not loop.last }}{% endfor %}
{{ 'union all\n' if not loop.last }}
{%- else -%}
select {% for name, value in missing.items() %}{{ value }} as {{ quoted.get(name, name) }}{{ ', ' if not loop.last }}{% endfor %}
limit 0
{%- endfor -%}
{%- endmacro %}

{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) -%}
{% for row in rows -%}
select {% for name, value in format_row(row, column_name_to_data_types).items() %}{{ value }} as {{ column_name_to_quoted[name] }}{{ ', ' if not loop.last }}{% endfor %}
{{ 'union all\n' if not loop.last }}
{%- else -%}
select * from dbt_internal_unit_test_actual
limit 0
{%- endfor -%}
{%- endmacro %}

{% macro format_row(row, column_name_to_data_types) %}
    {%- set formatted = {} -%}
    {%- for written, value in row.items() -%}
        {%- set name = written | lower -%}
        {%- if name not in column_name_to_data_types -%}
            {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
            {{ exceptions.raise_compiler_error("Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ ".\nAccepted columns for " ~ fixture ~ " are: " ~ (column_name_to_data_types.keys() | list)) }}
        {%- endif -%}
        {%- do formatted.update({name: dbt.safe_cast(format_value(value), column_name_to_data_types[name]) | trim}) -%}
    {%- endfor -%}
    {{ return(formatted) }}
{% endmacro %}

{% macro format_value(value) %}
    {%- if value is string -%}{{ return(dbt.string_literal(dbt.escape_single_quotes(value))) }}
    {%- elif value is none -%}{{ return('null') }}
    {%- elif value is sequence and value is not mapping -%}
        {%- set elements = [] -%}
        {%- for element in value -%}{%- do elements.append(format_value(element)) -%}{%- endfor -%}
        {{ return(dbt.array_construct(elements)) }}
    {%- endif -%}
    {{ return(value) }}
{% endmacro %}

{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}{{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}{%- endmacro %}
{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
with dbt_internal_unit_test_actual as (
    select {{ expected_column_names | join(', ') }}, {{ dbt.string_literal('actual') }} as {{ adapter.quote('actual_or_expected') }}
    from (
{{ main_sql }}
    ) _dbt_internal_unit_test_actual
),
dbt_internal_unit_test_expected as (
    select {{ expected_column_names | join(', ') }}, {{ dbt.string_literal('expected') }} as {{ adapter.quote('actual_or_expected') }}
    from (
{{ expected_fixture_sql }}
    ) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}

{% materialization unit, default %}
    {%- set expected_rows = config.get('expected_rows') or [] -%}
    {%- set expected_sql = config.get('expected_sql') -%}
    {%- set wanted = expected_rows[0].keys() | list if expected_rows else get_columns_in_query(sql) -%}
    {%- set temporary = make_temp_relation(this.incorporate(type='table')) -%}
    {%- do run_query(get_create_table_as_sql(true, temporary, get_empty_subquery_sql(sql))) -%}
    {%- set types, quoted = {}, {} -%}
    {%- for column in adapter.get_columns_in_relation(temporary) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- for name in wanted -%}
        {%- if name | lower not in quoted -%}
            {{ exceptions.raise_compiler_error("Invalid column name: '" ~ name ~ "' in unit test fixture for expected output.\nAccepted columns for expected output are: " ~ (types.keys() | list)) }}
        {%- endif -%}
        {%- do names.append(quoted[name | lower]) -%}
    {%- endfor -%}
    {%- set expected = expected_sql or get_expected_sql(expected_rows, types, quoted) -%}
    {%- call statement('main', fetch_result=true) -%}{{ get_unit_test_sql(sql, expected, names) }}{%- endcall -%}
    {%- do adapter.drop_relation(temporary) -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}

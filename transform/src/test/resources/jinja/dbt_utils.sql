{% macro star(columns, except=[], prefix='', quote_identifiers=True) -%}
    {%- for col in columns if col.name not in except -%}
        {%- if quote_identifiers -%}{{ prefix }}"{{ col.name }}"{%- else -%}{{ prefix }}{{ col.name }}{%- endif -%}
        {%- if not loop.last %},{{ '\n  ' }}{% endif -%}
    {%- endfor -%}
{%- endmacro %}
{% macro generate_surrogate_key(field_list) -%}
{%- set default_null_value = '_null_' -%}
{%- set fields = [] -%}
{%- for field in field_list -%}
    {%- do fields.append(
        "coalesce(cast(" ~ field ~ " as text), '" ~ default_null_value ~ "')"
    ) -%}
    {%- if not loop.last %}
        {%- do fields.append("'-'") -%}
    {%- endif -%}
{%- endfor -%}
md5({{ fields | join(' || ') }})
{%- endmacro %}
{% macro pivot(column, values, alias=True, agg='sum', cmp='=', prefix='', suffix='', then_value=1, else_value=0) %}
  {% for value in values %}
    {{ agg }}(
      case
      when {{ column }} {{ cmp }} '{{ value }}'
        then {{ then_value }}
      else {{ else_value }}
      end
    )
    {% if alias %}
      as {{ '"' ~ prefix ~ value ~ suffix ~ '"' }}
    {% endif %}
    {% if not loop.last %},{% endif %}
  {% endfor %}
{% endmacro %}
{% macro date_spine(datepart, start_date, end_date) %}{{ return(dbt_utils.default__date_spine(datepart, start_date, end_date)) }}{% endmacro %}
{% macro default__date_spine(datepart, start_date, end_date) %}
with days as (select '{{ start_date }}' + {{ datepart }})
select * from days where d < '{{ end_date }}'
{% endmacro %}
{% macro union_relations(relations, include=none, source_column_name='_dbt_source_relation') -%}
{%- for relation in relations %}
(
    select '{{ relation }}' as {{ source_column_name }}, *
    from {{ relation }}
)
{% if not loop.last -%}
union all
{% endif -%}
{%- endfor -%}
{%- endmacro %}

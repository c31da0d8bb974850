{% macro cents_to_dollars(column_name, precision=2) -%}
    ({{ column_name }} / 100)::numeric(16, {{ precision }})
{%- endmacro %}
-----
{% macro get_statuses(upper=false) %}
    {% set found = [] %}
    {% for status in var('statuses') %}
        {% do found.append(status | upper if upper else status) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
-----
{% macro limited(rows=var('limit'), comment="a, (b)") %}
limit {{ rows }} -- {{ comment }}
{% endmacro %}
-----
{% macro sees_model() %}[{{ model_variable }}|{{ name }}]{% endmacro %}
-----
{% macro early_return(x) %}
{% if x > 3 %}{{ return('big') }}{% endif %}
{% for i in range(10) %}{% if i == x %}{{ return({'found': i}) }}{% endif %}{% endfor %}
text
{% endmacro %}
-----
{% macro wrap(prefix) %}<{{ prefix }}>{{ caller('inner', n=2) }}</{{ prefix }}>{% endmacro %}
-----
{% macro statement(name=none, fetch_result=False) %}{{ name }}:{{ caller() | trim }}{% endmacro %}
-----
{% macro collect() %}{{ varargs }} {{ kwargs }}{% endmacro %}
-----
{% macro factorial(i) %}{{ return(1 if i <= 1 else i * factorial(i - 1)) }}{% endmacro %}
-----
{% macro endless() %}{{ endless() }}{% endmacro %}
-----
{% macro nested_error() %}
{{ undefined_macro() }}
{% endmacro %}
-----
{% macro quoted(column) %}{{ return(adapter.dispatch('quoted', 'project')(column)) }}{% endmacro %}
-----
{% macro default__quoted(column) %}"{{ column }}"{% endmacro %}
-----
{% macro postgres__quoted(column) %}pg."{{ column }}"{% endmacro %}
-----
{% macro default__limit_zero() %}limit 0{% endmacro %}

{#- The calendar day of a timestamp in UTC, whatever time zone the session is in. -#}
{% macro utc_date(column) -%}
cast({{ column }} at time zone 'UTC' as date)
{%- endmacro %}

{# What every SQL engine says in its own way; dialects other than the default override by prefix. #}

{% macro string_literal(value) %}{{ return(adapter.dispatch('string_literal', 'dbt')(value)) }}{% endmacro %}
{% macro default__string_literal(value) %}{{ return("'" ~ value ~ "'") }}{% endmacro %}

{% macro escape_single_quotes(expression) %}{{ return(adapter.dispatch('escape_single_quotes', 'dbt')(expression)) }}{% endmacro %}
{% macro default__escape_single_quotes(expression) %}{{ return(expression | replace("'", "''")) }}{% endmacro %}

{% macro any_value(expression) %}{{ return(adapter.dispatch('any_value', 'dbt')(expression)) }}{% endmacro %}
{% macro default__any_value(expression) %}{{ return('any_value(' ~ expression ~ ')') }}{% endmacro %}
{% macro postgres__any_value(expression) %}{{ return('min(' ~ expression ~ ')') }}{% endmacro %}

{% macro bool_or(expression) %}{{ return(adapter.dispatch('bool_or', 'dbt')(expression)) }}{% endmacro %}
{% macro default__bool_or(expression) %}{{ return('bool_or(' ~ expression ~ ')') }}{% endmacro %}
{% macro mysql__bool_or(expression) %}{{ return('max(' ~ expression ~ ')') }}{% endmacro %}

{% macro except() %}{{ return(adapter.dispatch('except', 'dbt')()) }}{% endmacro %}
{% macro default__except() %}{{ return('except') }}{% endmacro %}

{% macro intersect() %}{{ return(adapter.dispatch('intersect', 'dbt')()) }}{% endmacro %}
{% macro default__intersect() %}{{ return('intersect') }}{% endmacro %}

{% macro right(string_text, length_expression) %}{{ return(adapter.dispatch('right', 'dbt')(string_text, length_expression)) }}{% endmacro %}
{% macro default__right(string_text, length_expression) %}{{ return('right(' ~ string_text ~ ', ' ~ length_expression ~ ')') }}{% endmacro %}

{% macro position(substring_text, string_text) %}{{ return(adapter.dispatch('position', 'dbt')(substring_text, string_text)) }}{% endmacro %}
{% macro default__position(substring_text, string_text) %}{{ return('position(' ~ substring_text ~ ' in ' ~ string_text ~ ')') }}{% endmacro %}

{% macro cast_bool_to_text(field) %}{{ return(adapter.dispatch('cast_bool_to_text', 'dbt')(field)) }}{% endmacro %}
{% macro default__cast_bool_to_text(field) %}{{ return('cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ ')') }}{% endmacro %}

{% macro date(year, month, day) %}{{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}{% endmacro %}
{% macro default__date(year, month, day) %}{{ return("cast('" ~ modules.datetime.date(year, month, day).isoformat() ~ "' as date)") }}{% endmacro %}

{% macro last_day(date, datepart) %}{{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}{% endmacro %}
{% macro default__last_day(date, datepart) %}{{ return('cast(' ~ dbt.dateadd('day', '-1', dbt.dateadd(datepart, '1', dbt.date_trunc(datepart, date))) ~ ' as date)') }}{% endmacro %}
{% macro postgres__last_day(date, datepart) %}{{ return("cast(date_trunc('" ~ datepart ~ "', " ~ date ~ ") + interval '" ~ ('3 month' if datepart | lower == 'quarter' else '1 ' ~ datepart) ~ "' - interval '1 day' as date)") }}{% endmacro %}

{% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) %}{{ return(adapter.dispatch('listagg', 'dbt')(measure, delimiter_text, order_by_clause, limit_num)) }}{% endmacro %}
{% macro default__listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) %}
    {%- set ordered = ' ' ~ order_by_clause if order_by_clause else '' -%}
    {%- if limit_num -%}
        {{ return("array_to_string((array_agg(" ~ measure ~ ordered ~ "))[1:" ~ limit_num ~ "], " ~ delimiter_text ~ ")") }}
    {%- endif -%}
    {{ return('string_agg(' ~ measure ~ ', ' ~ delimiter_text ~ ordered ~ ')') }}
{% endmacro %}

{% macro array_construct(inputs=[], data_type=none) %}{{ return(adapter.dispatch('array_construct', 'dbt')(inputs, data_type)) }}{% endmacro %}
{% macro default__array_construct(inputs=[], data_type=none) %}
    {%- if inputs -%}{{ return('array[' ~ inputs | join(', ') ~ ']') }}{%- endif -%}
    {{ return('cast(array[] as ' ~ (data_type or 'integer') ~ '[])') }}
{% endmacro %}
{% macro duckdb__array_construct(inputs=[], data_type=none) %}
    {%- if inputs -%}{{ return('[' ~ inputs | join(', ') ~ ']') }}{%- endif -%}
    {{ return('cast([] as ' ~ (data_type or 'integer') ~ '[])') }}
{% endmacro %}

{% macro array_append(array, new_element) %}{{ return(adapter.dispatch('array_append', 'dbt')(array, new_element)) }}{% endmacro %}
{% macro default__array_append(array, new_element) %}{{ return('array_append(' ~ array ~ ', ' ~ new_element ~ ')') }}{% endmacro %}

{% macro array_concat(array_1, array_2) %}{{ return(adapter.dispatch('array_concat', 'dbt')(array_1, array_2)) }}{% endmacro %}
{% macro default__array_concat(array_1, array_2) %}{{ return('array_cat(' ~ array_1 ~ ', ' ~ array_2 ~ ')') }}{% endmacro %}
{% macro duckdb__array_concat(array_1, array_2) %}{{ return('list_concat(' ~ array_1 ~ ', ' ~ array_2 ~ ')') }}{% endmacro %}

{% macro equals(expr1, expr2) %}{{ return(adapter.dispatch('equals', 'dbt')(expr1, expr2)) }}{% endmacro %}
{% macro default__equals(expr1, expr2) %}{{ return('(' ~ expr1 ~ ' is not distinct from ' ~ expr2 ~ ')') }}{% endmacro %}
{% macro mysql__equals(expr1, expr2) %}{{ return('(' ~ expr1 ~ ' <=> ' ~ expr2 ~ ')') }}{% endmacro %}

{% macro default__datediff(first_date, second_date, datepart) %}{{ return('datediff(' ~ datepart ~ ', ' ~ first_date ~ ', ' ~ second_date ~ ')') }}{% endmacro %}

{% macro generate_series(upper_bound) %}{{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}{% endmacro %}
{% macro default__generate_series(upper_bound) %}select steps.generated_number from generate_series(1, {{ upper_bound }}) as steps(generated_number){% endmacro %}

{% macro date_spine(datepart, start_date, end_date) %}{{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}{% endmacro %}
{% macro default__date_spine(datepart, start_date, end_date) %}
    select {{ dbt.dateadd(datepart, 'steps.n', start_date) }} as date_{{ datepart }}
    from generate_series(0, cast({{ dbt.datediff(start_date, end_date, datepart) }} as bigint) - 1) as steps(n)
{% endmacro %}


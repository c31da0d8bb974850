{# How snapshots keep what rows were. A strategy says which rows changed; what came, changed and went is staged, then merged in two statements. #}

{% macro snapshot_get_time() -%}{{ adapter.dispatch('snapshot_get_time', 'dbt')() }}{%- endmacro %}
{% macro default__snapshot_get_time() -%}{{ current_timestamp() }}{%- endmacro %}
{% macro postgres__snapshot_get_time() -%}{{ current_timestamp() }}::timestamp without time zone{%- endmacro %}
{% macro duckdb__snapshot_get_time() -%}{{ current_timestamp() }}::timestamp{%- endmacro %}
{% macro snapshot_string_as_time(timestamp) -%}{{ adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp) }}{%- endmacro %}
{% macro default__snapshot_string_as_time(timestamp) %}{{ return("'" ~ timestamp ~ "'::" ~ type_timestamp()) }}{% endmacro %}

{% macro snapshot_hash_arguments(args) -%}{{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}{%- endmacro %}
{% macro default__snapshot_hash_arguments(args) -%}
    {%- set parts = [] -%}
    {%- for arg in args -%}{%- do parts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}{%- endfor -%}
    md5({{ parts | join(" || '|' || ") }})
{%- endmacro %}

{% macro get_snapshot_table_column_names() %}
    {{ return({'dbt_valid_to': 'dbt_valid_to', 'dbt_valid_from': 'dbt_valid_from', 'dbt_scd_id': 'dbt_scd_id', 'dbt_updated_at': 'dbt_updated_at', 'dbt_is_deleted': 'dbt_is_deleted'}) }}
{% endmacro %}
{# The names that the project gives the columns that are added. #}
{% macro snapshot_column_names() %}
    {%- set names = get_snapshot_table_column_names() -%}
    {%- for column, name in (config.get('snapshot_meta_column_names') or {}).items() if name -%}{%- do names.update({column: name}) -%}{%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{% macro strategy_dispatch(name) -%}
    {%- set place = name.split('.', 1) -%}
    {%- set macro_name = 'snapshot_' ~ place[-1] ~ '_strategy' -%}
    {%- set found = (context.get(place[0], {})[macro_name] if place | length == 2 else context.get(macro_name)) -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error("there is no snapshot strategy '" ~ name ~ "': timestamp, check, or one of your own as a macro " ~ macro_name) }}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{% macro snapshot_hard_deletes(model_config) %}
    {%- set wanted = model_config.get('hard_deletes') or ('invalidate' if model_config.get('invalidate_hard_deletes') else 'ignore') -%}
    {%- if wanted not in ['ignore', 'invalidate', 'new_record'] -%}
        {{ exceptions.raise_compiler_error("hard_deletes is 'ignore', 'invalidate' or 'new_record', not '" ~ wanted ~ "'") }}
    {%- endif -%}
    {{ return(wanted) }}
{% endmacro %}
{% macro snapshot_keys(unique_key) %}{{ return([unique_key] if unique_key is string else unique_key | list) }}{% endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {%- set key = model_config.get('unique_key') -%}
    {%- set updated_at = model_config.get('updated_at') -%}
    {{ return({
        'unique_key': key,
        'updated_at': updated_at,
        'row_changed': '(' ~ snapshotted_rel ~ '.' ~ snapshot_column_names().dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')',
        'scd_id': snapshot_hash_arguments(snapshot_keys(key) + [updated_at]),
        'hard_deletes': snapshot_hard_deletes(model_config)}) }}
{% endmacro %}

{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {%- set key = model_config.get('unique_key') -%}
    {%- set checked = model_config.get('check_cols') -%}
    {%- set updated_at = model_config.get('updated_at') or snapshot_get_time() -%}
    {%- if checked is string and checked != 'all' or not checked -%}
        {{ exceptions.raise_compiler_error("check_cols is 'all' or a list of columns") }}
    {%- endif -%}
    {%- set ns = namespace(changed=[]) -%}
    {%- if not target_exists -%}
        {%- do ns.changed.append('false') -%}
    {%- else -%}
        {%- set queried = get_columns_in_query(node['compiled_code']) -%}
        {%- set stored = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list -%}
        {%- set wanted = checked | map('lower') | list if checked != 'all' else [] -%}
        {%- for column in queried if checked == 'all' or column | lower in wanted -%}
            {%- if column | lower in stored -%}
                {%- set old = snapshotted_rel ~ '.' ~ adapter.quote(column) -%}
                {%- set new = current_rel ~ '.' ~ adapter.quote(column) -%}
                {%- do ns.changed.append(old ~ ' is distinct from ' ~ new) -%}
            {%- else -%}
                {%- do ns.changed.append('true') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({
        'unique_key': key,
        'updated_at': updated_at,
        'row_changed': '(' ~ (ns.changed | join(' or ') or 'false') ~ ')',
        'scd_id': snapshot_hash_arguments(snapshot_keys(key) + [updated_at]),
        'hard_deletes': snapshot_hard_deletes(model_config)}) }}
{% endmacro %}

{% macro snapshot_valid_to() -%}{{ config.get('dbt_valid_to_current') or 'cast(null as ' ~ type_timestamp() ~ ')' }}{%- endmacro %}

{% macro build_snapshot_table(strategy, sql) -%}{{ adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) }}{%- endmacro %}
{% macro default__build_snapshot_table(strategy, sql) -%}
    {%- set names = snapshot_column_names() -%}
select *,
    {{ strategy.scd_id }} as {{ names.dbt_scd_id }},
    {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
    {%- if config.get('dbt_valid_to_current') %}
    {{ config.get('dbt_valid_to_current') }} as {{ names.dbt_valid_to }}
    {%- else %}
    nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}) as {{ names.dbt_valid_to }}
    {%- endif %}
    {{- ", 'False' as " ~ names.dbt_is_deleted if strategy.hard_deletes == 'new_record' }}
from (
{{ sql }}
) sbq
{%- endmacro %}

{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}{{ adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) }}{%- endmacro %}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set names = snapshot_column_names() -%}
    {%- set keeps_deletes = strategy.hard_deletes == 'new_record' -%}
    {%- set open_end = names.dbt_valid_to ~ ' ' ~ ('= ' ~ config.get('dbt_valid_to_current') if config.get('dbt_valid_to_current') else 'is null') -%}
    {%- set columns = get_columns_in_query(source_sql) -%}
    {%- set stored = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | map('lower') | list -%}
    {%- set key_parts, matches = [], [] -%}
    {%- for key in snapshot_keys(strategy.unique_key) -%}
        {%- do key_parts.append(key ~ ' as dbt_unique_key_' ~ loop.index) -%}
        {%- do matches.append('snapshotted_data.dbt_unique_key_' ~ loop.index ~ ' = source_data.dbt_unique_key_' ~ loop.index) -%}
    {%- endfor -%}
    {%- set from_source, from_stored = [], [] -%}
    {%- for column in columns -%}
        {%- do from_source.append('source_data.' ~ adapter.quote(column)) -%}
        {%- do from_stored.append(('snapshotted_data.' if column | lower in stored else 'source_data.') ~ adapter.quote(column)) -%}
    {%- endfor -%}
    {%- set changed = '(' ~ strategy.row_changed ~ (" or snapshotted_data." ~ names.dbt_is_deleted ~ " = 'True'" if keeps_deletes else '') ~ ')' -%}
    {%- set open_value = config.get('dbt_valid_to_current') or 'nullif(source_data.freshet_updated_at, source_data.freshet_updated_at)' -%}
with snapshot_query as (
{{ source_sql }}
),
snapshotted_data as (
    select *, {{ key_parts | join(', ') }} from {{ target_relation }} where {{ open_end }} {{ 'or ' ~ names.dbt_valid_to ~ ' is null' if config.get('dbt_valid_to_current') }}
),
source_data as (
    select *, {{ key_parts | join(', ') }}, {{ strategy.updated_at }} as freshet_updated_at, {{ strategy.scd_id }} as freshet_scd_id from snapshot_query
)
select 'insert' as dbt_change_type, {{ from_source | join(', ') }},
    source_data.freshet_updated_at as {{ names.dbt_updated_at }}, source_data.freshet_updated_at as {{ names.dbt_valid_from }},
    {{ open_value }} as {{ names.dbt_valid_to }}, source_data.freshet_scd_id as {{ names.dbt_scd_id }}
    {{- ", 'False' as " ~ names.dbt_is_deleted if keeps_deletes }}
from source_data left join snapshotted_data on {{ matches | join(' and ') }}
where snapshotted_data.dbt_unique_key_1 is null or {{ changed }}
union all
select 'update', {{ from_source | join(', ') }},
    source_data.freshet_updated_at, source_data.freshet_updated_at, source_data.freshet_updated_at, snapshotted_data.{{ names.dbt_scd_id }}
    {{- ', snapshotted_data.' ~ names.dbt_is_deleted if keeps_deletes }}
from source_data join snapshotted_data on {{ matches | join(' and ') }}
where {{ changed }}
    {%- if strategy.hard_deletes != 'ignore' %}
union all
select 'delete', {{ from_source | join(', ') }},
    {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, snapshotted_data.{{ names.dbt_scd_id }}
    {{- ', snapshotted_data.' ~ names.dbt_is_deleted if keeps_deletes }}
from snapshotted_data left join source_data on {{ matches | join(' and ') }}
where source_data.dbt_unique_key_1 is null {{ "and snapshotted_data." ~ names.dbt_is_deleted ~ " <> 'True'" if keeps_deletes }}
    {%- endif %}
    {%- if keeps_deletes %}
union all
select 'insert', {{ from_stored | join(', ') }},
    {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, snapshotted_data.{{ names.dbt_valid_to }},
    {{ snapshot_hash_arguments(['snapshotted_data.' ~ names.dbt_scd_id, snapshot_get_time()]) }}, 'True'
from snapshotted_data left join source_data on {{ matches | join(' and ') }}
where source_data.dbt_unique_key_1 is null and snapshotted_data.{{ names.dbt_is_deleted }} <> 'True'
    {%- endif %}
{%- endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
    {%- set staging = make_temp_relation(target_relation) -%}
    {%- set select = snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- call statement('build_snapshot_staging_relation') -%}{{ create_table_as(true, staging, select) }}{%- endcall -%}
    {{ return(staging) }}
{% endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}{{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}{%- endmacro %}
{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set names = snapshot_column_names() -%}
update {{ target }} as DBT_INTERNAL_TARGET
set {{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
from {{ source }} as DBT_INTERNAL_SOURCE
where cast(DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }} as varchar) = cast(DBT_INTERNAL_TARGET.{{ names.dbt_scd_id }} as varchar)
  and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
  and (DBT_INTERNAL_TARGET.{{ names.dbt_valid_to }} is null {{ 'or DBT_INTERNAL_TARGET.' ~ names.dbt_valid_to ~ ' = ' ~ config.get('dbt_valid_to_current') if config.get('dbt_valid_to_current') }});
insert into {{ target }} ({{ insert_cols | join(', ') }})
select {{ insert_cols | join(', ') }}
from {{ source }} as DBT_INTERNAL_SOURCE
where DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
{%- endmacro %}

{% macro create_columns(relation, columns) -%}{{ adapter.dispatch('create_columns', 'dbt')(relation, columns) }}{%- endmacro %}
{% macro default__create_columns(relation, columns) -%}
    {%- do alter_relation_add_remove_columns(relation, columns, none) -%}
{%- endmacro %}
{% macro post_snapshot(staging_relation) -%}{{ adapter.dispatch('post_snapshot', 'dbt')(staging_relation) }}{%- endmacro %}
{% macro default__post_snapshot(staging_relation) -%}
    {%- call statement('post_snapshot', auto_begin=false) -%}drop table if exists {{ staging_relation }}{%- endcall -%}
{%- endmacro %}

{% materialization snapshot, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- if not config.get('unique_key') -%}{{ exceptions.raise_compiler_error('a snapshot needs a unique_key') }}{%- endif -%}
    {%- if existing is not none and not existing.is_table -%}
        {{ exceptions.raise_compiler_error("A relation of type '" ~ existing.type ~ "' is where the snapshot's table would be: " ~ existing) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- set strategy = strategy_dispatch(config.get('strategy'))(model, 'snapshotted_data', 'source_data', model['config'], existing is not none) -%}
    {%- set ns = namespace(staging=none) -%}
    {%- if existing is none -%}
        {%- set final = create_table_as(false, target, build_snapshot_table(strategy, model['compiled_code'])) -%}
    {%- else -%}
        {%- do adapter.assert_valid_snapshot_target_given_strategy(target, snapshot_column_names(), strategy) -%}
        {%- set ns.staging = build_snapshot_staging_table(strategy, sql, target) -%}
        {%- do adapter.expand_target_column_types(from_relation=ns.staging, to_relation=target) -%}
        {%- set missing = adapter.get_missing_columns(ns.staging, target) | rejectattr('name', 'equalto', 'dbt_change_type') | list -%}
        {%- if missing -%}{%- do create_columns(target, missing) -%}{%- endif -%}
        {%- set columns = [] -%}
        {%- for column in adapter.get_columns_in_relation(ns.staging) if column.name != 'dbt_change_type' -%}{%- do columns.append(adapter.quote(column.name)) -%}{%- endfor -%}
        {%- set final = snapshot_merge_sql(target, ns.staging, columns) -%}
    {%- endif -%}
    {%- call statement('main') -%}{{ final }}{%- endcall -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=false)) -%}
    {%- do persist_docs(target, model) -%}
    {%- if existing is none -%}{%- do create_indexes(target) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {%- if ns.staging is not none -%}{%- do post_snapshot(ns.staging) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

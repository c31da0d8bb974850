{# How models become tables and views. A project replaces these by materializations and macros of the same names. #}

{% macro run_hooks(hooks, inside_transaction=true) %}
    {%- for hook in hooks if hook.get('transaction', true) == inside_transaction -%}
        {%- if not inside_transaction and loop.first -%}
            {#- DuckDB refuses to commit what was not begun. -#}
            {%- if adapter.type() == 'duckdb' -%}{%- do adapter.commit() -%}
            {%- else -%}{%- call statement(auto_begin=inside_transaction) -%}commit;{%- endcall -%}
            {%- endif -%}
        {%- endif -%}
        {%- set rendered = render(hook.get('sql')) | trim -%}
        {%- if rendered -%}
            {%- call statement(auto_begin=inside_transaction) -%}{{ rendered }}{%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
{% macro make_hook_config(sql, inside_transaction) %}{{ tojson({'sql': sql, 'transaction': inside_transaction}) }}{% endmacro %}
{% macro before_begin(sql) %}{{ make_hook_config(sql, inside_transaction=false) }}{% endmacro %}
{% macro in_transaction(sql) %}{{ make_hook_config(sql, inside_transaction=true) }}{% endmacro %}
{% macro after_commit(sql) %}{{ make_hook_config(sql, inside_transaction=false) }}{% endmacro %}

{% materialization view, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set fresh = make_intermediate_relation(target) -%}
    {%- set backup = make_backup_relation(target, existing.type if existing is not none else 'view') -%}
    {%- do drop_relation_if_exists(load_cached_relation(fresh)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- call statement('main') -%}{{ get_create_view_as_sql(fresh, sql) }}{%- endcall -%}
    {%- if existing is not none -%}{%- do adapter.rename_relation(existing, backup) -%}{%- endif -%}
    {%- do adapter.rename_relation(fresh, target) -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization table, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set fresh = make_intermediate_relation(target) -%}
    {%- set backup = make_backup_relation(target, existing.type if existing is not none else 'table') -%}
    {%- do drop_relation_if_exists(load_cached_relation(fresh)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- call statement('main') -%}{{ get_create_table_as_sql(false, fresh, sql) }}{%- endcall -%}
    {%- if adapter.type() != 'duckdb' -%}{%- do create_indexes(fresh) -%}{%- endif -%}
    {%- if existing is not none -%}{%- do adapter.rename_relation(existing, backup) -%}{%- endif -%}
    {%- do adapter.rename_relation(fresh, target) -%}
    {#- DuckDB renames no table that has an index. -#}
    {%- if adapter.type() == 'duckdb' -%}{%- do create_indexes(target) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) -%}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization materialized_view, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='materialized_view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- if existing is not none and existing.is_materialized_view and not should_full_refresh() -%}
        {%- set changes = get_materialized_view_configuration_changes(existing, config) -%}
        {%- set wanted = config.get('on_configuration_change') -%}
        {%- if changes is none -%}
            {%- call statement('main') -%}{{ refresh_materialized_view(target) }}{%- endcall -%}
        {%- elif wanted == 'apply' -%}
            {%- call statement('main') -%}{{ get_alter_materialized_view_as_sql(target, changes, sql, existing, none, none) }}{%- endcall -%}
        {%- elif wanted == 'continue' -%}
            {%- do exceptions.warn("Configuration changes were identified and `on_configuration_change` was set to `continue` for `" ~ target.render() ~ "`") -%}
            {%- do store_raw_result(name='main', message='skip ' ~ target, code='skip', rows_affected='-1') -%}
        {%- elif wanted == 'fail' -%}
            {{ exceptions.raise_fail_fast_error("Configuration changes were identified and `on_configuration_change` was set to `fail` for `" ~ target.render() ~ "`") }}
        {%- else -%}
            {{ exceptions.raise_compiler_error("on_configuration_change is 'apply', 'continue' or 'fail', not '" ~ wanted ~ "'") }}
        {%- endif -%}
    {%- else -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- call statement('main') -%}{{ get_create_materialized_view_as_sql(target, sql) }}{%- endcall -%}
    {%- endif -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization incremental, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set temporary = make_temp_relation(target) -%}
    {%- set fresh = make_intermediate_relation(target) -%}
    {%- set backup = make_backup_relation(target, existing.type if existing is not none else 'table') -%}
    {%- set is_rebuilt = should_full_refresh() or (existing is not none and existing.is_view) -%}
    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
    {%- do drop_relation_if_exists(load_cached_relation(fresh)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
    {%- if existing is none -%}
        {%- set build = get_create_table_as_sql(false, target, sql) -%}
    {%- elif is_rebuilt -%}
        {%- set build = get_create_table_as_sql(false, fresh, sql) -%}
    {%- else -%}
        {%- do run_query(get_create_table_as_sql(true, temporary, sql)) -%}
        {%- if not config.get('contract').enforced -%}
            {%- do adapter.expand_target_column_types(from_relation=temporary, to_relation=target) -%}
        {%- endif -%}
        {%- set columns = process_schema_changes(on_schema_change, temporary, existing) or adapter.get_columns_in_relation(existing) -%}
        {%- set build = strategy({
            'target_relation': target, 'temp_relation': temporary, 'unique_key': config.get('unique_key'), 'dest_columns': columns,
            'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)}) -%}
    {%- endif -%}
    {%- call statement('main') -%}{{ build }}{%- endcall -%}
    {%- if existing is none -%}
        {%- do create_indexes(target) -%}
    {%- elif is_rebuilt -%}
        {%- if adapter.type() != 'duckdb' -%}{%- do create_indexes(fresh) -%}{%- endif -%}
        {%- do adapter.rename_relation(existing, backup) -%}
        {%- do adapter.rename_relation(fresh, target) -%}
        {%- if adapter.type() == 'duckdb' -%}{%- do create_indexes(target) -%}{%- endif -%}
    {%- endif -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, is_rebuilt)) -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {%- if existing is not none and is_rebuilt -%}{%- do adapter.drop_relation(backup) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Incremental strategies. What is built is called DBT_INTERNAL_DEST, what comes in DBT_INTERNAL_SOURCE: predicates use these names. #}

{% macro get_incremental_append_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_append_sql(arg_dict) %}{{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}{% endmacro %}
{% macro get_incremental_delete_insert_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
    {{ return(get_delete_insert_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}
{% macro get_incremental_merge_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_merge_sql(arg_dict) %}
    {{ return(get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}
{% macro get_incremental_insert_overwrite_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}{{ exceptions.raise_not_implemented('insert_overwrite is no strategy of ' ~ adapter.type()) }}{% endmacro %}
{% macro get_incremental_default_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_default_sql(arg_dict) %}{{ return(get_incremental_append_sql(arg_dict)) }}{% endmacro %}
{% macro postgres__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
{% macro duckdb__get_incremental_default_sql(arg_dict) %}{{ return(get_incremental_delete_insert_sql(arg_dict)) }}{% endmacro %}
{% macro get_incremental_microbatch_sql(arg_dict) %}{{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}{% endmacro %}
{% macro default__get_incremental_microbatch_sql(arg_dict) %}{{ exceptions.raise_not_implemented('microbatch is no strategy of ' ~ adapter.type()) }}{% endmacro %}

{% macro postgres__get_incremental_microbatch_sql(arg_dict) %}
    {%- if not arg_dict['unique_key'] -%}{{ exceptions.raise_compiler_error("dbt-postgres 'microbatch' requires a `unique_key` config") }}{%- endif -%}
    {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{# Every row of the batch's time is replaced, whatever its key. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) %}
    {%- set event_time, columns = config.get('event_time'), get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set within = event_time ~ " >= '" ~ model.batch.event_time_start ~ "' and " ~ event_time ~ " < '" ~ model.batch.event_time_end ~ "'" -%}
    {%- set build -%}
delete from {{ arg_dict['target_relation'] }}
where {{ within }}
        {%- for predicate in arg_dict['incremental_predicates'] or [] %}
and ({{ predicate }})
        {%- endfor -%};
insert into {{ arg_dict['target_relation'] }} ({{ columns }})
(
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where {{ within }}
)
    {%- endset -%}
    {{ return(build) }}
{% endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
insert into {{ target_relation }} ({{ columns }})
(
    select {{ columns }}
    from {{ temp_relation }}
)
{%- endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}{{ adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates) }}{%- endmacro %}
{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- if unique_key -%}
        {%- set key = unique_key if unique_key is string else unique_key | join(', ') -%}
delete from {{ target }} as DBT_INTERNAL_DEST
where ({{ key }}) in (
    select distinct {{ key }}
    from {{ source }} as DBT_INTERNAL_SOURCE
)
        {%- for predicate in incremental_predicates or [] %}
and {{ predicate }}
        {%- endfor -%};
    {% endif %}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}

{% macro get_merge_unique_key_match(source_unique_key, target_unique_key) %}{{ return(adapter.dispatch('get_merge_unique_key_match', 'dbt')(source_unique_key, target_unique_key)) }}{% endmacro %}
{% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) -%}{{ return(source_unique_key ~ ' = ' ~ target_unique_key) }}{%- endmacro %}

{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}{{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) }}{% endmacro %}
{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
    {%- if merge_update_columns and merge_exclude_columns -%}
        {{ exceptions.raise_compiler_error('a model has merge_update_columns or merge_exclude_columns, not both') }}
    {%- elif merge_update_columns -%}{{ return(merge_update_columns) }}
    {%- elif merge_exclude_columns -%}
        {%- set excluded = merge_exclude_columns | map('lower') | list -%}
        {%- set kept = [] -%}
        {%- for column in dest_columns if column.name | lower not in excluded -%}{%- do kept.append(column.quoted) -%}{%- endfor -%}
        {{ return(kept) }}
    {%- else -%}{{ return(dest_columns | map(attribute='quoted') | list) }}
    {%- endif -%}
{% endmacro %}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}{{ adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates) }}{%- endmacro %}
{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set conditions = [] + (incremental_predicates or []) -%}
    {%- if unique_key is string -%}
        {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ unique_key, 'DBT_INTERNAL_DEST.' ~ unique_key)) -%}
    {%- elif unique_key -%}
        {%- for key in unique_key -%}{%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}{%- endfor -%}
    {%- else -%}
        {%- do conditions.append('FALSE') -%}
    {%- endif -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- set values = [] -%}
    {%- for column in dest_columns -%}{%- do values.append('DBT_INTERNAL_SOURCE.' ~ column.quoted) -%}{%- endfor -%}
{{ config.get('sql_header') or '' }}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on ({{ conditions | join(') and (') }})
    {%- if unique_key %}
when matched then update set
    {% for column in get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
    {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor %}
    {%- endif %}
when not matched then insert ({{ columns }})
values ({{ values | join(', ') }})
{%- endmacro %}

{# When a model's columns are no longer those of its table. #}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
    {%- if on_schema_change in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}{{ return(on_schema_change) }}{%- endif -%}
    {%- if on_schema_change -%}
        {%- do log("Invalid value for on_schema_change (" ~ on_schema_change ~ ") specified. Setting default value of " ~ default ~ '.') -%}
    {%- endif -%}
    {{ return(default) }}
{% endmacro %}

{% macro diff_columns(source_columns, target_columns) %}
    {%- set known = target_columns | map(attribute='column') | list -%}
    {%- set missing = [] -%}
    {%- for column in source_columns if column.column not in known -%}{%- do missing.append(column) -%}{%- endfor -%}
    {{ return(missing) }}
{% endmacro %}
{% macro diff_column_data_types(source_columns, target_columns) %}{{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}{% endmacro %}
{% macro default__diff_column_data_types(source_columns, target_columns) %}
    {%- set changed = [] -%}
    {%- for new in source_columns -%}
        {%- for old in target_columns if old.name == new.name and old.data_type != new.data_type and not old.can_expand_to(new) -%}
            {%- do changed.append({'column_name': old.name, 'new_type': new.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(changed) }}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
    {%- set new = adapter.get_columns_in_relation(source_relation) -%}
    {%- set old = adapter.get_columns_in_relation(target_relation) -%}
    {%- set added = diff_columns(new, old) -%}
    {%- set removed = diff_columns(old, new) -%}
    {%- set types = diff_column_data_types(new, old) -%}
    {{ return({'schema_changed': (added or removed or types) | length > 0, 'source_not_in_target': added, 'target_not_in_source': removed,
        'source_columns': new, 'target_columns': old, 'new_target_types': types}) }}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
    {%- set added = schema_changes_dict['source_not_in_target'] -%}
    {%- if on_schema_change == 'append_new_columns' -%}
        {%- if added -%}{%- do alter_relation_add_remove_columns(target_relation, added, none) -%}{%- endif -%}
    {%- else -%}
        {%- set removed = schema_changes_dict['target_not_in_source'] -%}
        {%- if added or removed -%}{%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}{%- endif -%}
        {%- for change in schema_changes_dict['new_target_types'] -%}
            {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
    {%- if on_schema_change == 'ignore' -%}{{ return({}) }}{%- endif -%}
    {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
    {%- if changes['schema_changed'] -%}
        {%- if on_schema_change == 'fail' -%}
            {%- set described = {
                'Source columns not in target': changes['source_not_in_target'] | map(attribute='name') | list,
                'Target columns not in source': changes['target_not_in_source'] | map(attribute='name') | list,
                'New column types': changes['new_target_types']} -%}
            {{ exceptions.raise_compiler_error("The source and target schemas on this incremental model are out of sync! " ~ described
                ~ ". Re-run it with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns") }}
        {%- endif -%}
        {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
    {%- endif -%}
    {{ return(changes['source_columns']) }}
{% endmacro %}

{# What another run built, without building it: a view of it, where a database can't copy a table at no cost. #}

{% macro can_clone_table() %}{{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}{% endmacro %}
{% macro default__can_clone_table() %}{{ return(false) }}{% endmacro %}
{% macro create_or_replace_clone(this_relation, defer_relation) -%}{{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}{%- endmacro %}
{% macro default__create_or_replace_clone(this_relation, defer_relation) -%}create or replace table {{ this_relation }} clone {{ defer_relation }}{%- endmacro %}

{% materialization clone, default %}
    {%- if not defer_relation -%}
        {%- do log('No relation found in state manifest for ' ~ model.unique_id, info=true) -%}
        {{ return({'relations': []}) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and not flags.FULL_REFRESH -%}
        {%- do log('Relation ' ~ existing ~ ' already exists', info=true) -%}
        {{ return({'relations': []}) }}
    {%- endif -%}
    {%- set other = load_cached_relation(defer_relation) -%}
    {%- if other is not none and other.is_table and can_clone_table() -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- if existing is not none and not existing.is_table -%}{%- do drop_relation_if_exists(existing) -%}{%- endif -%}
        {%- call statement('main') -%}{{ create_or_replace_clone(target, defer_relation) }}{%- endcall -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do adapter.commit() -%}
        {{ return({'relations': [target]}) }}
    {%- endif -%}
    {%- set name = 'materialization_view_' ~ adapter.type() -%}
    {{ return((context.get(name) or context['materialization_view_default'])()) }}
{% endmaterialization %}

{# What Freshet delivers it makes itself; this gives the table the rest. It may come again to the same table. #}
{% materialization finished, default %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- do create_missing_indexes(target) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do apply_grants(target, config.get('grants'), should_revoke=true) -%}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro create_missing_indexes(relation) -%}{{ adapter.dispatch('create_missing_indexes', 'dbt')(relation) }}{%- endmacro %}
{% macro default__create_missing_indexes(relation) -%}{%- endmacro %}
{% macro postgres__create_missing_indexes(relation) -%}
    {%- set wanted = config.get('indexes', default=[]) or [] -%}
    {%- if wanted -%}
        {%- set found = run_query("select case when i.indisunique then 'unique ' else '' end || m.amname || ' ' || (select string_agg(a.attname, ',' order by k.place)"
            ~ " from unnest(i.indkey::int2[]) with ordinality as k(number, place) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number)"
            ~ " from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam"
            ~ " where i.indpred is null and i.indrelid = '" ~ (relation | string | replace("'", "''")) ~ "'::regclass") -%}
        {%- set present = found.columns[0].values() | list -%}
        {%- for each in wanted -%}
            {%- set index = adapter.parse_index(each) -%}
            {%- set like = ('unique ' if index.unique else '') ~ (index.type or 'btree') ~ ' ' ~ (index.columns | join(',')) -%}
            {%- if like not in present -%}{%- do run_query(get_create_index_sql(relation, each)) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

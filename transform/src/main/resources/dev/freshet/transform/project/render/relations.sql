{# How relations are made, renamed, exchanged and dropped. Names and arguments are dbt's, so that a project or a package can replace any of them. #}

{% macro set_sql_header(config) -%}{{ config.set('sql_header', caller()) }}{%- endmacro %}

{# Names of relations that stand beside another one. #}

{% macro make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}{{ return(adapter.dispatch('make_intermediate_relation', 'dbt')(base_relation, suffix)) }}{% endmacro %}
{% macro default__make_intermediate_relation(base_relation, suffix) %}{{ return(default__relation_with_suffix(base_relation, suffix)) }}{% endmacro %}

{% macro make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}{{ return(adapter.dispatch('make_backup_relation', 'dbt')(base_relation, backup_relation_type, suffix)) }}{% endmacro %}
{% macro default__make_backup_relation(base_relation, backup_relation_type, suffix) %}
    {{ return(default__relation_with_suffix(base_relation, suffix).incorporate(type=backup_relation_type)) }}
{% endmacro %}

{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') %}{{ return(adapter.dispatch('make_temp_relation', 'dbt')(base_relation, suffix)) }}{% endmacro %}
{% macro default__make_temp_relation(base_relation, suffix) %}
    {%- set moment = modules.datetime.datetime.now().strftime('%H%M%S%f') -%}
    {%- set named = default__relation_with_suffix(base_relation, suffix ~ moment) -%}
    {{ return(named.include(database=false, schema=false).incorporate(path={'database': '', 'schema': ''})) }}
{% endmacro %}

{# Long names are cut, not those of the suffix: PostgreSQL would cut silently at 63. #}
{% macro default__relation_with_suffix(base_relation, suffix) %}
    {%- set room = base_relation.relation_max_name_length() - (suffix | length) -%}
    {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ suffix})) }}
{% endmacro %}

{# Creating. #}

{% macro get_create_sql(relation, sql) -%}{{ return(adapter.dispatch('get_create_sql', 'dbt')(relation, sql)) }}{%- endmacro %}
{% macro default__get_create_sql(relation, sql) -%}
    {%- if relation.is_view -%}{{ return(get_create_view_as_sql(relation, sql)) }}
    {%- elif relation.is_materialized_view -%}{{ return(get_create_materialized_view_as_sql(relation, sql)) }}
    {%- else -%}{{ return(get_create_table_as_sql(false, relation, sql)) }}
    {%- endif -%}
{%- endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) -%}{{ adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql) }}{%- endmacro %}
{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}{{ return(create_table_as(temporary, relation, sql)) }}{%- endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if language != 'sql' -%}{{ exceptions.raise_compiler_error('models are written in SQL, not in ' ~ language) }}{%- endif -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code) }}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
{{ config.get('sql_header') or '' }}
{%- set is_enforced = config.get('contract').enforced %}
{%- if is_enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
create {{ 'temporary ' if temporary }}{{ 'unlogged ' if config.get('unlogged', default=false) and not temporary and adapter.type() == 'postgres' }}table {{ relation.include(database=(not temporary), schema=(not temporary)) }}
{%- if is_enforced and not temporary %}
{{ get_table_columns_and_constraints() }};
insert into {{ relation }} ({{ get_column_names() }}) (
{{ get_select_subquery(sql) }}
);
{%- else %} as (
{{ sql }}
);
{%- endif %}
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) -%}{{ adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql) }}{%- endmacro %}
{% macro default__get_create_view_as_sql(relation, sql) -%}{{ return(create_view_as(relation, sql)) }}{%- endmacro %}
{% macro create_view_as(relation, sql) -%}{{ adapter.dispatch('create_view_as', 'dbt')(relation, sql) }}{%- endmacro %}
{% macro default__create_view_as(relation, sql) -%}
{{ config.get('sql_header') or '' }}
{%- if config.get('contract').enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
create view {{ relation }} as (
{{ sql }}
);
{%- endmacro %}

{% macro get_create_materialized_view_as_sql(relation, sql) -%}{{ adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql) }}{%- endmacro %}
{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
    {{ exceptions.raise_compiler_error("there are no materialized views on " ~ adapter.type()) }}
{%- endmacro %}
{% macro postgres__get_create_materialized_view_as_sql(relation, sql) -%}
create materialized view if not exists {{ relation }} as {{ sql }};
{% for index in config.get('indexes', default=[]) -%}{{ get_create_index_sql(relation, index) }};{%- endfor %}
{%- endmacro %}

{% macro refresh_materialized_view(relation) -%}{{ adapter.dispatch('refresh_materialized_view', 'dbt')(relation) }}{%- endmacro %}
{% macro default__refresh_materialized_view(relation) -%}refresh materialized view {{ relation }}{%- endmacro %}

{# What of a materialized view's settings is no longer as configured; on PostgreSQL these are its indexes. #}
{% macro get_materialized_view_configuration_changes(existing_relation, new_config) -%}{{ return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) }}{%- endmacro %}
{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) -%}{{ return(none) }}{%- endmacro %}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
    {%- set wanted, found, created, dropped = {}, [], [], [] -%}
    {%- for written in new_config.get('indexes', default=[]) or [] -%}
        {%- set index = adapter.parse_index(written) -%}
        {%- do wanted.update({index.columns | sort | join(',') ~ ' ' ~ index.unique ~ ' ' ~ (index.type or 'btree'): written}) -%}
    {%- endfor -%}
    {%- for row in run_query(get_show_indexes_sql(existing_relation)).rows -%}
        {%- set key = row['column_names'].split(',') | sort | join(',') ~ ' ' ~ row['unique'] ~ ' ' ~ row['method'] -%}
        {%- do found.append(key) -%}
        {%- if key not in wanted -%}{%- do dropped.append(row['name']) -%}{%- endif -%}
    {%- endfor -%}
    {%- for key, written in wanted.items() if key not in found -%}{%- do created.append(written) -%}{%- endfor -%}
    {{ return({'dropped': dropped, 'created': created} if dropped or created else none) }}
{%- endmacro %}
{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}{{ adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) }}{%- endmacro %}
{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
    {{ exceptions.raise_compiler_error("there are no materialized views on " ~ adapter.type()) }}
{%- endmacro %}
{% macro postgres__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
    {%- for name in configuration_changes.dropped -%}drop index if exists {{ adapter.quote(relation.schema) }}.{{ adapter.quote(name) }} cascade;
{% endfor -%}
    {%- for index in configuration_changes.created -%}{{ get_create_index_sql(relation, index) }};
{% endfor -%}
{%- endmacro %}
{% macro get_show_indexes_sql(relation) -%}{{ adapter.dispatch('get_show_indexes_sql', 'dbt')(relation) }}{%- endmacro %}
{% macro default__get_show_indexes_sql(relation) -%}{{ exceptions.raise_compiler_error("the indexes of " ~ adapter.type() ~ " can't be listed") }}{%- endmacro %}
{% macro postgres__get_show_indexes_sql(relation) -%}
select i.relname as name, m.amname as method, x.indisunique as "unique", string_agg(a.attname, ',') as column_names
from pg_index as x
join pg_class as i on i.oid = x.indexrelid
join pg_am as m on m.oid = i.relam
join pg_class as t on t.oid = x.indrelid
join pg_namespace as n on n.oid = t.relnamespace
join pg_attribute as a on a.attrelid = t.oid and a.attnum = any (x.indkey)
where t.relname = '{{ relation.identifier }}' and n.nspname = '{{ relation.schema }}' and t.relkind in ('r', 'm')
group by 1, 2, 3
{%- endmacro %}

{# Dropping. #}

{% macro get_drop_sql(relation) -%}{{ adapter.dispatch('get_drop_sql', 'dbt')(relation) }}{%- endmacro %}
{% macro default__get_drop_sql(relation) -%}drop {{ relation.type | replace('_', ' ') }} if exists {{ relation }} cascade{%- endmacro %}
{% macro drop_relation(relation) -%}{{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}{%- endmacro %}
{% macro default__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=false) -%}{{ get_drop_sql(relation) }}{%- endcall -%}
{%- endmacro %}
{% macro drop_relation_if_exists(relation) -%}
    {%- if relation is not none -%}{{ adapter.drop_relation(relation) }}{%- endif -%}
{%- endmacro %}

{% macro truncate_relation(relation) -%}{{ return(adapter.dispatch('truncate_relation', 'dbt')(relation)) }}{%- endmacro %}
{% macro default__truncate_relation(relation) -%}
    {%- call statement('truncate_relation') -%}truncate table {{ relation }}{%- endcall -%}
{%- endmacro %}

{# Renaming. #}

{% macro get_rename_sql(relation, new_name) -%}{{ adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name) }}{%- endmacro %}
{% macro default__get_rename_sql(relation, new_name) -%}alter {{ relation.type | replace('_', ' ') }} {{ relation }} rename to {{ adapter.quote(new_name) }}{%- endmacro %}
{% macro rename_relation(from_relation, to_relation) -%}{{ return(adapter.dispatch('rename_relation', 'dbt')(from_relation, to_relation)) }}{%- endmacro %}
{% macro default__rename_relation(from_relation, to_relation) -%}
    {#- What is renamed away is of the kind it has, which only the target of the renaming may know. -#}
    {%- set kind = (to_relation.type or from_relation.type or 'table') | replace('_', ' ') -%}
    {%- call statement('rename_relation') -%}alter {{ kind }} {{ from_relation }} rename to {{ adapter.quote(to_relation.identifier) }}{%- endcall -%}
{%- endmacro %}

{# Schemas. #}

{% macro create_schema(relation) -%}{{ adapter.dispatch('create_schema', 'dbt')(relation) }}{%- endmacro %}
{% macro default__create_schema(relation) -%}
    {%- call statement('create_schema') -%}create schema if not exists {{ relation.without_identifier() }}{%- endcall -%}
{%- endmacro %}
{% macro postgres__create_schema(relation) -%}
    {%- call statement('create_schema') -%}create schema if not exists {{ relation.without_identifier().include(database=false) }}{%- endcall -%}
{%- endmacro %}
{% macro drop_schema(relation) -%}{{ adapter.dispatch('drop_schema', 'dbt')(relation) }}{%- endmacro %}
{% macro default__drop_schema(relation) -%}
    {%- call statement('drop_schema') -%}drop schema if exists {{ relation.without_identifier() }} cascade{%- endcall -%}
{%- endmacro %}
{% macro postgres__drop_schema(relation) -%}
    {%- call statement('drop_schema') -%}drop schema if exists {{ relation.without_identifier().include(database=false) }} cascade{%- endcall -%}
{%- endmacro %}

{# Columns. #}

{% macro alter_column_type(relation, column_name, new_column_type) -%}{{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}{%- endmacro %}
{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
    {%- call statement('alter_column_type') -%}alter table {{ relation }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}{{ ' using ' ~ adapter.quote(column_name) ~ '::' ~ new_column_type }}{%- endcall -%}
{%- endmacro %}
{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}{{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}{%- endmacro %}
{% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) -%}
    {%- for column in add_columns or [] -%}
        {%- do run_query('alter table ' ~ relation ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- for column in remove_columns or [] -%}
        {%- do run_query('alter table ' ~ relation ~ ' drop column ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro get_quoted_csv(column_names) -%}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{%- endmacro %}
{% macro get_list_of_column_names(columns) -%}{{ return(columns | map(attribute='name') | list) }}{%- endmacro %}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}{{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}{%- endmacro %}
{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
{{ select_sql_header or '' }}
select * from (
{{ select_sql }}
) as __dbt_sbq
where false
limit 0
{%- endmacro %}

{# Contracts: a model's columns are those that its properties declare. #}

{% macro get_column_names() -%}
    {%- set names = [] -%}
    {%- for column in model.columns.values() -%}{%- do names.append(adapter.quote(column.name) if column.quote else column.name) -%}{%- endfor -%}
    {{ return(names | join(', ')) }}
{%- endmacro %}
{% macro get_select_subquery(sql) -%}{{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}{%- endmacro %}
{% macro default__get_select_subquery(sql) -%}
select {{ get_column_names() }}
from (
{{ sql }}
) as model_subq
{%- endmacro %}
{% macro get_table_columns_and_constraints() -%}{{ adapter.dispatch('get_table_columns_and_constraints', 'dbt')() }}{%- endmacro %}
{% macro default__get_table_columns_and_constraints() -%}{{ return(table_columns_and_constraints()) }}{%- endmacro %}
{% macro table_columns_and_constraints() -%}
(
    {{ (adapter.render_raw_columns_constraints(raw_columns=model.columns) + adapter.render_raw_model_constraints(raw_constraints=model.constraints)) | join(',\n    ') }}
)
{%- endmacro %}
{% macro get_empty_schema_sql(columns) -%}{{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}{%- endmacro %}
{% macro default__get_empty_schema_sql(columns) -%}
    {%- set untyped = columns.values() | rejectattr('data_type') | map(attribute='name') | list -%}
    {%- if untyped -%}{{ exceptions.raise_compiler_error('the contract of this model needs a data_type for each column, and has none for: ' ~ (untyped | join(', '))) }}{%- endif -%}
    {%- set parts = [] -%}
    {%- for column in columns.values() -%}
        {%- do parts.append(cast('null', column.data_type) ~ ' as ' ~ (adapter.quote(column.name) if column.quote else column.name)) -%}
    {%- endfor -%}
select {{ parts | join(', ') }} where false
{%- endmacro %}
{% macro get_assert_columns_equivalent(sql) -%}{{ adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql) }}{%- endmacro %}
{% macro default__get_assert_columns_equivalent(sql) -%}{{ return(assert_columns_equivalent(sql)) }}{%- endmacro %}
{% macro assert_columns_equivalent(sql) %}
    {%- if not model.columns -%}{{ exceptions.raise_contract_error([], []) }}{%- endif -%}
    {%- set found = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set declared = get_column_schema_from_query(get_empty_schema_sql(model.columns)) -%}
    {%- if format_columns(found) | sort(attribute='name') | list != format_columns(declared) | sort(attribute='name') | list -%}
        {{ exceptions.raise_contract_error(format_columns(declared), format_columns(found)) }}
    {%- endif -%}
{% endmacro %}
{% macro format_columns(columns) %}
    {%- set formatted = [] -%}
    {%- for column in columns -%}{%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}{%- endfor -%}
    {{ return(formatted) }}
{% endmacro %}
{% macro default__format_column(column) %}
    {{ return({'name': column.name, 'data_type': column.dtype, 'formatted': column.name ~ ' ' ~ column.dtype}) }}
{% endmacro %}

{# Indexes, grants and comments. #}

{% macro get_create_index_sql(relation, index_dict) -%}{{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}{%- endmacro %}
{% macro default__get_create_index_sql(relation, index_dict) -%}{{ return(none) }}{%- endmacro %}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
    {%- set index = adapter.parse_index(index_dict) -%}
    {{ return('create ' ~ ('unique ' if index.unique else '') ~ 'index if not exists ' ~ adapter.quote(index.render(relation)) ~ ' on ' ~ relation
        ~ (' using ' ~ index.type if index.type else '') ~ ' (' ~ (index.columns | join(', ')) ~ ')') }}
{%- endmacro %}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
    {%- set index = adapter.parse_index(index_dict) -%}
    {{ return('create ' ~ ('unique ' if index.unique else '') ~ 'index ' ~ adapter.quote(index.render(relation)) ~ ' on ' ~ relation ~ ' (' ~ (index.columns | join(', ')) ~ ')') }}
{%- endmacro %}
{% macro create_indexes(relation) -%}{{ adapter.dispatch('create_indexes', 'dbt')(relation) }}{%- endmacro %}
{% macro default__create_indexes(relation) -%}
    {%- for index in config.get('indexes', default=[]) or [] -%}
        {%- set create = get_create_index_sql(relation, index) -%}
        {%- if create -%}{%- do run_query(create) -%}{%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro copy_grants() %}{{ return(adapter.dispatch('copy_grants', 'dbt')()) }}{% endmacro %}
{% macro default__copy_grants() %}{{ return(false) }}{% endmacro %}
{% macro should_revoke(existing_relation, full_refresh_mode=true) %}
    {#- A relation that is made anew has no grants to take away. -#}
    {{ return(existing_relation is not none and (copy_grants() or not full_refresh_mode)) }}
{% endmacro %}
{% macro get_show_grant_sql(relation) -%}{{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}{%- endmacro %}
{% macro default__get_show_grant_sql(relation) -%}show grants on {{ relation }}{%- endmacro %}
{% macro postgres__get_show_grant_sql(relation) -%}
select grantee, privilege_type
from information_schema.role_table_grants
where grantor = current_role and grantee <> current_role
  and table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
{% macro support_multiple_grantees_per_dcl_statement() %}{{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}{% endmacro %}
{% macro default__support_multiple_grantees_per_dcl_statement() %}{{ return(true) }}{% endmacro %}
{% macro get_grant_sql(relation, privilege, grantees) -%}{{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}{%- endmacro %}
{% macro default__get_grant_sql(relation, privilege, grantees) -%}grant {{ privilege }} on {{ relation }} to {{ grantees | join(', ') }}{%- endmacro %}
{% macro get_revoke_sql(relation, privilege, grantees) -%}{{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}{%- endmacro %}
{% macro default__get_revoke_sql(relation, privilege, grantees) -%}revoke {{ privilege }} on {{ relation }} from {{ grantees | join(', ') }}{%- endmacro %}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}{{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}{%- endmacro %}
{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
    {%- set statements = [] -%}
    {%- for privilege, grantees in grant_config.items() -%}
        {%- if grantees and support_multiple_grantees_per_dcl_statement() -%}
            {%- do statements.append(get_dcl_macro(relation, privilege, grantees)) -%}
        {%- else -%}
            {%- for grantee in grantees -%}{%- do statements.append(get_dcl_macro(relation, privilege, [grantee])) -%}{%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}
{% macro call_dcl_statements(dcl_statement_list) %}{{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}{% endmacro %}
{% macro default__call_dcl_statements(dcl_statement_list) %}
    {%- call statement('grants') -%}{% for each in dcl_statement_list %}{{ each }};
{% endfor %}{%- endcall -%}
{% endmacro %}
{% macro apply_grants(relation, grant_config, should_revoke) -%}{{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}{%- endmacro %}
{% macro default__apply_grants(relation, grant_config, should_revoke=true) -%}
    {%- if grant_config -%}
        {%- set ns = namespace(grant=grant_config, revoke={}) -%}
        {%- if should_revoke -%}
            {%- set current = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) -%}
            {%- set ns.grant = diff_of_two_dicts(grant_config, current) -%}
            {%- set ns.revoke = diff_of_two_dicts(current, grant_config) -%}
        {%- endif -%}
        {%- set statements = get_dcl_statement_list(relation, ns.revoke, get_revoke_sql) + get_dcl_statement_list(relation, ns.grant, get_grant_sql) -%}
        {%- if statements -%}{%- do call_dcl_statements(statements) -%}{%- endif -%}
    {%- endif -%}
{%- endmacro %}
{# DuckDB has no roles. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=true) -%}{%- endmacro %}

{% macro alter_relation_comment(relation, relation_comment) -%}{{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}{%- endmacro %}
{% macro default__alter_relation_comment(relation, relation_comment) -%}
comment on {{ relation.type | replace('_', ' ') }} {{ relation }} is '{{ relation_comment | replace("'", "''") }}';
{%- endmacro %}
{% macro alter_column_comment(relation, column_dict) -%}{{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}{%- endmacro %}
{% macro default__alter_column_comment(relation, column_dict) -%}
    {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- for name, column in column_dict.items() if name in existing or (not column.quote and name | lower in existing) %}
comment on column {{ relation }}.{{ adapter.quote(name) if column.quote else name }} is '{{ column.description | replace("'", "''") }}';
    {%- endfor -%}
{%- endmacro %}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}{{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}{%- endmacro %}
{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- set comments = alter_column_comment(relation, model.columns) -%}
        {%- if comments | trim -%}{%- do run_query(comments) -%}{%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Takes away what a model made; says of which kind it was, nothing when it was not there. #}
{% macro freshet__retract(database, schema, identifier) -%}
    {%- set relation = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
    {%- if relation is not none -%}
        {%- do drop_relation_if_exists(relation) -%}
        {%- do adapter.commit() -%}
        {{ return(relation.type | string) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{# What a database says of the relations in some schemas: one row for each column. #}

{% macro get_catalog(information_schema, schemas) -%}{{ return(adapter.dispatch('get_catalog', 'dbt')(information_schema, schemas)) }}{%- endmacro %}
{% macro default__get_catalog(information_schema, schemas) -%}
    {{ exceptions.raise_not_implemented('get_catalog macro not implemented for adapter ' ~ adapter.type()) }}
{%- endmacro %}

{% macro freshet__literals(values) -%}
    {%- for value in values -%}'{{ value | replace("'", "''") }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro postgres__get_catalog(information_schema, schemas) -%}
    {%- call statement('catalog', fetch_result=true) -%}
select
    current_database() as table_database,
    n.nspname as table_schema,
    c.relname as table_name,
    case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'f' then 'FOREIGN TABLE' else 'BASE TABLE' end as table_type,
    obj_description(c.oid, 'pg_class') as table_comment,
    a.attname as column_name,
    a.attnum as column_index,
    format_type(a.atttypid, a.atttypmod) as column_type,
    col_description(c.oid, a.attnum) as column_comment,
    pg_get_userbyid(c.relowner) as table_owner
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname in ({{ freshet__literals(schemas) }})
order by n.nspname, c.relname, a.attnum
    {%- endcall -%}
    {{ return(load_result('catalog').table) }}
{%- endmacro %}

{% macro duckdb__get_catalog(information_schema, schemas) -%}
    {%- call statement('catalog', fetch_result=true) -%}
with relations as (
    select database_name, schema_name, table_name, 'BASE TABLE' as table_type, comment
    from duckdb_tables()
    where not temporary
    union all
    select database_name, schema_name, view_name, 'VIEW', comment
    from duckdb_views()
    where not temporary
)
select
    r.database_name as table_database,
    r.schema_name as table_schema,
    r.table_name,
    r.table_type,
    r.comment as table_comment,
    c.column_name,
    c.column_index,
    c.data_type as column_type,
    c.comment as column_comment,
    '' as table_owner
from relations r
join duckdb_columns() c using (database_name, schema_name, table_name)
where r.database_name = {% if information_schema.database %}'{{ information_schema.database | replace("'", "''") }}'{% else %}current_database(){% endif %}
    and lower(r.schema_name) in ({{ freshet__literals(schemas | map('lower') | list) }})
order by r.schema_name, r.table_name, c.column_index
    {%- endcall -%}
    {{ return(load_result('catalog').table) }}
{%- endmacro %}

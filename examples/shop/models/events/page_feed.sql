{{ config(target='events', enabled=env_var('SHOP_DEMO_KAFKA', '') != '') }}

-- A topic without a key: a record says how many copies of a row there are now.
select viewed_on, path, segment from {{ ref('page_interest') }}

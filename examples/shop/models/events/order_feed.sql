{{ config(target='events', unique_key='order_id', enabled=env_var('SHOP_DEMO_KAFKA', '') != '') }}

-- A topic for applications: one record for each change of an order, in Debezium's envelope.
select * from {{ ref('order_summary') }}

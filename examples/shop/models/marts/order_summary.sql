{{ config(unique_key='order_id') }}

-- A left join with an aggregate: an order without items is kept, with a count of zero.
select
    o.order_id,
    o.customer_id,
    o.status,
    o.ordered_at,
    o.ordered_on,
    count(i.line_no) as item_count,
    cast(coalesce(sum(i.quantity * i.unit_price), 0) - o.discount as decimal(18, 2)) as net_amount
from {{ ref('stg_orders') }} as o
left join {{ source('shop', 'order_items') }} as i on i.order_id = o.order_id
group by o.order_id, o.customer_id, o.status, o.ordered_at, o.ordered_on, o.discount

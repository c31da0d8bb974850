{{ config(unique_key=['order_id', 'line_no']) }}

-- A join of three tables: what has to be packed, line by line.
-- A renamed product shows up on every open line at once.
select
    i.order_id,
    i.line_no,
    o.ship_by,
    i.product_id,
    p.name as product,
    p.category,
    i.quantity,
    cast(i.quantity * i.unit_price as decimal(18, 2)) as line_total
from {{ source('shop', 'order_items') }} as i
join {{ source('shop', 'orders') }} as o on o.order_id = i.order_id
join {{ source('shop', 'products') }} as p on p.product_id = i.product_id
where o.status in ('placed', 'paid')

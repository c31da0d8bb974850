{{ config(unique_key='order_id') }}

-- A plain filter: orders that still have to leave the house.
-- `notes` can be long. PostgreSQL leaves long values out of its change log when they did not change; here they are complete.
select
    o.order_id,
    o.customer_id,
    o.status,
    o.ordered_at,
    o.ship_by,
    o.is_gift,
    o.notes
from {{ source('shop', 'orders') }} as o
where o.status in ('placed', 'paid')

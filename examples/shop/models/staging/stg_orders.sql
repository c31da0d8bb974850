-- Orders that count: a cancelled order never happened.
select
    o.order_id,
    o.customer_id,
    o.status,
    o.ordered_at,
    {{ utc_date('o.ordered_at') }} as ordered_on,
    o.discount,
    o.is_gift
from {{ source('shop', 'orders') }} as o
where o.status <> 'cancelled'

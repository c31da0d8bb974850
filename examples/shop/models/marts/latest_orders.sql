{{ config(unique_key='order_id') }}

-- A window: the three latest orders of each customer, the newest first.
-- Two orders can carry the same time, so the order's id decides; without it the result would be a matter of luck.
select
    customer_id,
    order_id,
    ordered_at,
    status,
    net_amount,
    recency
from (
    select
        customer_id,
        order_id,
        ordered_at,
        status,
        net_amount,
        row_number() over (partition by customer_id order by ordered_at desc, order_id desc) as recency
    from {{ ref('order_summary') }}
) as ranked
where recency <= 3

{{ config(unique_key=['ordered_on', 'country']) }}

-- A roll-up: sales by day and by the customer's country. Orders of customers that crm does not know are left out.
select
    s.ordered_on,
    c.country,
    count(*) as orders,
    cast(sum(s.item_count) as bigint) as items,
    cast(sum(s.net_amount) as decimal(18, 2)) as revenue
from {{ ref('order_summary') }} as s
join {{ source('crm', 'customers') }} as c on c.customer_id = s.customer_id
group by s.ordered_on, c.country

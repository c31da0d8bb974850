{{ config(unique_key='ticket_id') }}

-- Tickets to answer (crm) with the order they are about (shop), if it still exists.
select
    t.ticket_id,
    t.customer_id,
    t.urgent,
    t.opened_at,
    t.body,
    t.order_id,
    s.status as order_status,
    s.net_amount as order_amount
from {{ source('crm', 'tickets') }} as t
left join {{ ref('order_summary') }} as s on s.order_id = t.order_id
where t.closed_at is null

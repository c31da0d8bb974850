{{ config(unique_key=['event', 'event_id']) }}

-- A union: what went wrong for a customer, from both databases, in one list.
select
    'return' as event,
    cast(o.order_id as varchar) as event_id,
    o.customer_id,
    o.ordered_at as happened_at,
    o.is_gift as priority
from {{ ref('stg_orders') }} as o
where o.status = 'returned'

union all

select
    'ticket' as event,
    cast(t.ticket_id as varchar) as event_id,
    t.customer_id,
    t.opened_at as happened_at,
    t.urgent as priority
from {{ source('crm', 'tickets') }} as t

{{ config(unique_key='customer_id') }}

-- Both databases in one row: what a customer bought (shop) and what they are waiting for (crm).
-- Each side is counted before it is joined, so that neither multiplies the other.
with bought as (

    select
        customer_id,
        count(*) as order_count,
        cast(sum(net_amount) as decimal(18, 2)) as lifetime_value,
        max(ordered_at) as last_ordered_at
    from {{ ref('order_summary') }}
    group by customer_id

),

waiting as (

    select
        customer_id,
        count(*) as open_tickets,
        min(opened_at) as waiting_since
    from {{ source('crm', 'tickets') }}
    where closed_at is null
    group by customer_id

)

select
    c.customer_id,
    c.name,
    c.segment,
    c.country,
    c.marketing_consent,
    coalesce(bought.order_count, 0) as order_count,
    coalesce(bought.lifetime_value, 0) as lifetime_value,
    bought.last_ordered_at,
    coalesce(waiting.open_tickets, 0) as open_tickets,
    waiting.waiting_since
from {{ source('crm', 'customers') }} as c
left join bought on bought.customer_id = c.customer_id
left join waiting on waiting.customer_id = c.customer_id

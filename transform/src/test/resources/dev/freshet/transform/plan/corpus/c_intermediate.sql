-- Intermediate models: chains of CTEs over staging models and tables.

-- name: int_orders_with_payments
with orders as (
    select * from {{ ref('stg_orders') }}
),
payments as (
    select * from {{ ref('stg_payments') }}
),
order_payments as (
    select order_id, sum(signed_amount) as paid, count(*) as payment_count
    from payments
    group by order_id
),
final as (
    select
        orders.order_id,
        orders.customer_id,
        orders.status,
        orders.amount,
        coalesce(order_payments.paid, 0) as paid,
        orders.amount - coalesce(order_payments.paid, 0) as open_amount
    from orders
    left join order_payments
        on orders.order_id = order_payments.order_id
)
select * from final

-- name: int_payments_pivoted
with payments as (select * from {{ ref('stg_payments') }}),
pivoted as (
    select
        order_id,
        sum(case when method = 'card' then signed_amount else 0 end) as card_amount,
        sum(case when method = 'transfer' then signed_amount else 0 end) as transfer_amount,
        sum(case when method = 'voucher' then signed_amount else 0 end) as voucher_amount,
        sum(signed_amount) as total_amount
    from payments
    group by 1
)
select * from pivoted

-- name: int_order_lines_joined
with lines as (select * from {{ ref('stg_order_lines') }}), products as (select * from {{ ref('stg_products') }})
select lines.*, products.product_name, products.category, products.unit_cost * lines.quantity as cost, lines.net_amount - products.unit_cost * lines.quantity as margin
from lines left join products on products.product_id = lines.product_id

-- name: int_orders_aggregated_lines
select order_id, count(*) as line_count, sum(quantity) as units, sum(gross_amount) as gross, min(unit_price) as cheapest, max(unit_price) as dearest,
    count(distinct product_id) as products
from {{ ref('stg_order_lines') }} group by order_id

-- name: int_customer_orders
with customers as (select * from {{ ref('stg_customers') }}),
orders as (select * from {{ ref('stg_orders') }}),
customer_orders as (
    select customer_id, min(ordered_on) as first_order, max(ordered_on) as most_recent_order, count(order_id) as number_of_orders
    from orders group by customer_id
),
final as (
    select c.customer_id, c.customer_name, co.first_order, co.most_recent_order, coalesce(co.number_of_orders, 0) as number_of_orders
    from customers c left join customer_orders co using (customer_id)
)
select * from final

-- name: int_latest_order_per_customer
with ranked as (
    select *, row_number() over (partition by customer_id order by ordered_at desc nulls last, order_id desc) as rn
    from {{ ref('stg_orders') }}
)
select * exclude (rn) from ranked where rn = 1

-- name: int_latest_order_qualify
select order_id, customer_id, ordered_at, amount from {{ ref('stg_orders') }}
qualify row_number() over (partition by customer_id order by ordered_at desc nulls last, order_id desc) = 1

-- name: int_events_sessions
select session_id, customer_id, min(occurred_at) as started_at, max(occurred_at) as ended_at, count(*) as events,
    count(*) filter (where event_type = 'view') as views, bool_or(event_type = 'purchase') as converted,
    date_diff('minute', min(occurred_at), max(occurred_at)) as minutes
from {{ ref('stg_events') }} where session_id is not null group by 1, 2

-- name: int_sessionized
with lagged as (
    select event_id, customer_id, occurred_at, lag(occurred_at) over (partition by customer_id order by occurred_at, event_id) as previous_at
    from {{ ref('stg_events') }} where customer_id is not null
),
flagged as (
    select *, case when previous_at is null or occurred_at - previous_at > interval '30 minutes' then 1 else 0 end as is_new_session from lagged
),
numbered as (
    select *, sum(is_new_session) over (partition by customer_id order by occurred_at, event_id rows between unbounded preceding and current row) as session_number
    from flagged
)
select customer_id, session_number, min(occurred_at) as started_at, count(*) as events from numbered group by customer_id, session_number

-- name: int_unioned_activity
with activity as (
    select customer_id, ordered_at as happened_at, 'order' as kind, order_id::bigint as ref_id from {{ ref('stg_orders') }}
    union all
    select customer_id, occurred_at, event_type, event_id from {{ ref('stg_events') }}
    union all
    select customer_id, valid_from::timestamp, 'subscription', subscription_id from {{ ref('stg_subscriptions') }}
)
select * from activity where customer_id is not null

-- name: int_activity_counts
select customer_id, kind, count(*) as n, max(happened_at) as last_at from {{ ref('int_unioned_activity') }} group by customer_id, kind

-- name: int_orders_converted
with orders as (select * from {{ ref('stg_orders') }}), rates as (select * from {{ ref('stg_rates') }}),
latest as (select currency, max(rate_date) as rate_date from rates group by currency)
select o.order_id, o.amount, o.currency, r.rate, round(o.amount * coalesce(r.rate, 1), 2) as amount_eur
from orders o
left join latest l on l.currency = o.currency
left join rates r on r.currency = l.currency and r.rate_date = l.rate_date

-- name: int_daily_orders
select ordered_on, count(*) as orders, count(distinct customer_id) as customers, sum(amount) as amount, avg(amount) as average from {{ ref('stg_orders') }} group by ordered_on

-- name: int_daily_orders_filled
with days as (select date_day from {{ ref('stg_calendar') }}), daily as (select * from {{ ref('int_daily_orders') }})
select d.date_day, coalesce(o.orders, 0) as orders, coalesce(o.amount, 0) as amount from days d left join daily o on o.ordered_on = d.date_day

-- name: int_customer_segments
with spend as (select customer_id, sum(amount) as total from {{ ref('stg_orders') }} group by 1),
banded as (select *, case when total >= 200 then 'gold' when total >= 80 then 'silver' else 'bronze' end as band from spend)
select band, count(*) as customers, sum(total) as total from banded group by band

-- name: int_nested_ctes
with outer_cte as (
    with inner_cte as (select id, amount from {{ ref('orders') }} where amount > 10)
    select id, amount * 2 as doubled from inner_cte
)
select o.id, o.doubled, x.n from outer_cte as o cross join (with t as (select count(*) as n from {{ ref('quotas') }}) select n from t) as x

-- name: int_cte_used_twice
with base as (select customer_id, amount, ordered_at from {{ ref('orders') }} where amount is not null),
totals as (select customer_id, sum(amount) as total from base group by customer_id)
select b.customer_id, b.ordered_at, b.amount, t.total, round(b.amount / nullif(t.total, 0), 4) as share from base b join totals t on t.customer_id = b.customer_id

-- name: int_cte_shadows_table
with orders as (select id, status from {{ ref('orders') }} where status = 'placed') select * from orders

-- name: int_cte_chain_of_filters
with a as (select * from {{ ref('orders') }}), b as (select * from a where status <> 'cancelled'), c as (select * from b where amount > 5), d as (select * from c where channel is not null), e as (select id, amount, channel from d)
select * from e

-- name: int_unused_cte
with never as (select * from {{ ref('payments') }}), used as (select id, sku from {{ ref('products') }}) select * from used

-- name: int_json_items
with items as (
    select event_id, unnest(from_json(payload -> 'items', '[{"sku": "VARCHAR", "n": "INTEGER"}]')) as item
    from (select id as event_id, payload from {{ ref('events') }} where json_array_length(payload -> 'items') > 0)
)
select event_id, item.sku as sku, item.n as quantity from items

-- name: int_labels_exploded
with exploded as (select p.id as product_id, l.label from {{ ref('products') }} p, unnest(p.labels) as l(label))
select label, count(*) as products from exploded where label is not null group by label

-- name: int_scores_exploded
select e.id, s.score from {{ ref('events') }} as e cross join unnest(e.scores) as s(score) where s.score > 1

-- name: int_referral_pairs
select c.customer_id, c.customer_name, r.id as referrer_id, trim(r.name) as referrer_name
from {{ ref('stg_customers') }} c join {{ ref('customers') }} raw on raw.id = c.customer_id join {{ ref('customers') }} r on r.id = raw.referred_by

-- name: int_deduplicated_tags
select order_id, tag from {{ ref('stg_order_tags') }} group by order_id, tag

-- name: int_tag_list
select order_id, string_agg(tag, ', ' order by tag) as tags, list(tag order by tag desc) as tag_list, count(*) as n from {{ ref('stg_order_tags') }} group by order_id

-- name: int_subscription_months
select s.subscription_id, s.customer_id, s.plan, m.month_start, s.monthly_fee
from {{ ref('stg_subscriptions') }} s
join (select distinct date_trunc('month', day)::date as month_start from {{ ref('calendar') }}) m
  on m.month_start between s.valid_from and s.valid_to

-- name: int_mrr
select month_start, plan, sum(monthly_fee) as mrr, count(distinct customer_id) as customers from {{ ref('int_subscription_months') }} group by month_start, plan

-- name: int_email_duplicates
select email, count(*) as n, min(customer_id) as first_id, array_agg(customer_id order by customer_id) as ids from {{ ref('stg_customers') }} where email <> '' group by email having count(*) > 1

-- name: int_status_changes
select order_id, status, lag(status) over w as previous_status, lead(status) over w as next_status from {{ ref('stg_orders') }}
window w as (partition by customer_id order by ordered_at, order_id)

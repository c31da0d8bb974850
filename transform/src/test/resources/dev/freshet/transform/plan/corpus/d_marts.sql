-- Marts: joins of several tables.

-- name: dim_customers
with customers as (select * from {{ ref('stg_customers') }}),
orders as (select customer_id, count(*) as order_count, sum(amount) as lifetime_value, min(ordered_at) as first_order_at, max(ordered_at) as last_order_at from {{ ref('stg_orders') }} group by 1),
payments as (select o.customer_id, sum(p.signed_amount) as paid from {{ ref('stg_payments') }} p join {{ ref('stg_orders') }} o on o.order_id = p.order_id group by 1)
select
    c.customer_id, c.customer_name, c.email, c.country_code, c.segment,
    coalesce(o.order_count, 0) as order_count, coalesce(o.lifetime_value, 0) as lifetime_value, coalesce(p.paid, 0) as paid,
    o.first_order_at, o.last_order_at,
    case when o.order_count is null then 'prospect' when o.order_count = 1 then 'new' else 'returning' end as lifecycle
from customers c
left join orders o on o.customer_id = c.customer_id
left join payments p on p.customer_id = c.customer_id

-- name: fct_orders
select o.id as order_id, o.customer_id, c.country, o.ordered_at, o.status, o.amount,
    (select count(*) from {{ ref('order_lines') }} l where l.order_id = o.id) as line_count,
    (select sum(p.amount) from {{ ref('payments') }} p where p.order_id = o.id and p.status = 'ok') as paid
from {{ ref('orders') }} o left join {{ ref('customers') }} c on c.id = o.customer_id

-- name: fct_order_lines
select l.order_id, l.line_no, o.customer_id, o.ordered_at, c.segment, p.category, p.sku, l.quantity, l.unit_price, l.quantity * l.unit_price as amount
from {{ ref('order_lines') }} as l
inner join {{ ref('orders') }} as o on o.id = l.order_id
inner join {{ ref('customers') }} as c on c.id = o.customer_id
inner join {{ ref('products') }} as p on p.id = l.product_id

-- name: fct_sales_by_category
select p.category, date_trunc('month', o.ordered_at) as month, sum(l.quantity * l.unit_price) as revenue, sum(l.quantity) as units, count(*) as lines
from {{ ref('order_lines') }} l join {{ ref('orders') }} o on o.id = l.order_id join {{ ref('products') }} p on p.id = l.product_id
where o.status not in ('cancelled', 'returned')
group by p.category, date_trunc('month', o.ordered_at)

-- name: fct_sales_by_country
select coalesce(c.country, '?') as country, count(distinct o.id) as orders, sum(o.amount) as revenue, avg(o.amount) as average_order
from {{ ref('orders') }} o left join {{ ref('customers') }} c on o.customer_id = c.id group by 1

-- name: mart_customer_360
select c.id, c.name, o.orders, o.revenue, e.events, e.last_event, s.plan, s.monthly, a.balance, r.name as referred_by_name
from {{ ref('customers') }} c
left join (select customer_id, count(*) as orders, sum(amount) as revenue from {{ ref('orders') }} group by customer_id) o on o.customer_id = c.id
left join (select customer_id, count(*) as events, max(occurred_at) as last_event from {{ ref('events') }} group by customer_id) e on e.customer_id = c.id
left join (select customer_id, max(plan) as plan, sum(monthly) as monthly from {{ ref('subscriptions') }} where valid_to is null group by customer_id) s on s.customer_id = c.id
left join (select customer_id, sum(balance) as balance from {{ ref('accounts') }} group by customer_id) a on a.customer_id = c.id
left join {{ ref('customers') }} r on r.id = c.referred_by

-- name: mart_eight_tables
select c.id as customer_id, o.id as order_id, l.line_no, p.name as product, pay.method, t.tag, cal.fiscal_quarter, r.rate
from {{ ref('customers') }} c
join {{ ref('orders') }} o on o.customer_id = c.id
left join {{ ref('order_lines') }} l on l.order_id = o.id
left join {{ ref('products') }} p on p.id = l.product_id
left join {{ ref('payments') }} pay on pay.order_id = o.id and pay.status = 'ok'
left join {{ ref('order_tags') }} t on t.order_id = o.id
left join {{ ref('calendar') }} cal on cal.day = o.ordered_at::date
left join {{ ref('rates') }} r on r.currency = o.currency and r.day = o.ordered_at::date

-- name: mart_comma_joins
select c.name, o.id, l.quantity from {{ ref('customers') }} c, {{ ref('orders') }} o, {{ ref('order_lines') }} l where c.id = o.customer_id and l.order_id = o.id and l.quantity > 1

-- name: mart_right_join
select o.id as order_id, c.id as customer_id, c.country from {{ ref('orders') }} o right join {{ ref('customers') }} c on o.customer_id = c.id

-- name: mart_full_join
select coalesce(o.customer_id, s.customer_id) as customer_id, o.orders, s.subscriptions
from (select customer_id, count(*) as orders from {{ ref('orders') }} group by 1) o
full outer join (select customer_id, count(*) as subscriptions from {{ ref('subscriptions') }} group by 1) s on o.customer_id = s.customer_id

-- name: mart_full_join_using
select customer_id, o.id as order_id, s.id as subscription_id from {{ ref('orders') }} o full join {{ ref('subscriptions') }} s using (customer_id)

-- name: mart_cross_join
select q.region, p.category, q.q1 from {{ ref('quotas') }} q cross join (select distinct category from {{ ref('products') }}) p

-- name: mart_self_join
select a.id, b.id as other, a.country from {{ ref('customers') }} a join {{ ref('customers') }} b on a.country = b.country and a.id < b.id

-- name: mart_inequality_join
select o.id, q.region from {{ ref('orders') }} o join {{ ref('quotas') }} q on o.amount > q.q1 and o.amount <= q.q2

-- name: mart_or_join
select o.id, c.id as customer from {{ ref('orders') }} o join {{ ref('customers') }} c on o.customer_id = c.id or o.customer_id = c.referred_by

-- name: mart_join_on_expression
select o.id, c.day, c.is_holiday from {{ ref('orders') }} o join {{ ref('calendar') }} c on c.day = cast(o.ordered_at as date)

-- name: mart_join_on_lower
select r.currency, o.id, r.rate from {{ ref('orders') }} o join {{ ref('rates') }} r on upper(o.currency) = r.currency

-- name: mart_join_different_types
select o.id, e.id as event_id, e.kind from {{ ref('orders') }} o join {{ ref('events') }} e on e.id = o.id

-- name: mart_left_join_is_null
select c.id, c.name from {{ ref('customers') }} c left join {{ ref('orders') }} o on o.customer_id = c.id where o.id is null

-- name: mart_left_join_condition_on_left
select o.id, p.amount as card_amount from {{ ref('orders') }} o left join {{ ref('payments') }} p on p.order_id = o.id and o.status = 'placed' and p.method = 'card'

-- name: mart_chained_left_joins
select e.id, e.name, m.name as manager, mm.name as managers_manager from {{ ref('employees') }} e left join {{ ref('employees') }} m on m.id = e.manager_id left join {{ ref('employees') }} mm on mm.id = m.manager_id

-- name: mart_nested_join
select c.id, x.id as order_id, x.product_id from {{ ref('customers') }} c left join ({{ ref('orders') }} o join {{ ref('order_lines') }} l on l.order_id = o.id) as x on x.customer_id = c.id

-- name: mart_nested_join_unnamed
select c.id, o.id as order_id, l.product_id from {{ ref('customers') }} c left join ({{ ref('orders') }} o join {{ ref('order_lines') }} l on l.order_id = o.id) on o.customer_id = c.id

-- name: mart_semi_join
select * from {{ ref('customers') }} c semi join {{ ref('orders') }} o on o.customer_id = c.id and o.amount > 20

-- name: mart_anti_join
select c.id, c.name from {{ ref('customers') }} c anti join {{ ref('orders') }} o on o.customer_id = c.id

-- name: mart_semi_join_using
from (select id as order_id, status from {{ ref('orders') }}) semi join {{ ref('order_tags') }} using (order_id)

-- name: mart_asof_join
select o.id, o.currency, o.ordered_at, r.rate from {{ ref('orders') }} o asof join {{ ref('rates') }} r on o.currency = r.currency and o.ordered_at >= r.day

-- name: mart_asof_left_join
select o.id, r.day as rate_day, r.rate from {{ ref('orders') }} o asof left join {{ ref('rates') }} r on r.currency = o.currency and r.day <= o.ordered_at::date

-- name: mart_scd2_as_of
select o.id as order_id, s.plan, s.monthly from {{ ref('orders') }} o left join {{ ref('subscriptions') }} s
on s.customer_id = o.customer_id and o.ordered_at >= s.valid_from and o.ordered_at < coalesce(s.valid_to, date '9999-12-31')

-- name: mart_scd2_latest_rate
select o.id, o.amount * r.rate as converted from {{ ref('orders') }} o join {{ ref('rates') }} r on r.currency = o.currency
and r.day = (select max(r2.day) from {{ ref('rates') }} r2 where r2.currency = o.currency and r2.day <= o.ordered_at)

-- name: mart_lateral_top_lines
select o.id, x.product_id, x.unit_price from {{ ref('orders') }} o, lateral (select l.product_id, l.unit_price, l.line_no from {{ ref('order_lines') }} l where l.order_id = o.id order by l.unit_price desc nulls last, l.line_no limit 2) x

-- name: mart_lateral_left_join
select c.id, x.last_at from {{ ref('customers') }} c left join lateral (select max(o.ordered_at) as last_at from {{ ref('orders') }} o where o.customer_id = c.id) x on true

-- name: mart_cross_join_lateral
select o.id, d.net, d.gross from {{ ref('orders') }} o cross join lateral (select o.amount - coalesce(o.discount, 0) as net, o.amount * 1.19 as gross) as d

-- name: mart_manager_headcount
select m.id, m.name, count(e.id) as reports, sum(e.salary) as salaries from {{ ref('employees') }} m left join {{ ref('employees') }} e on e.manager_id = m.id group by m.id, m.name

-- name: mart_order_completeness
select o.id, count(distinct l.line_no) as lines, count(distinct p.id) as payments, count(distinct t.tag) as tags
from {{ ref('orders') }} o left join {{ ref('order_lines') }} l on l.order_id = o.id left join {{ ref('payments') }} p on p.order_id = o.id left join {{ ref('order_tags') }} t on t.order_id = o.id
group by o.id

-- name: mart_join_on_subquery_key
select x.customer_id, x.n, y.total from (select customer_id, count(*) as n from {{ ref('events') }} where kind = 'view' group by 1) x inner join (select customer_id, sum(amount) total from {{ ref('orders') }} group by 1) y using (customer_id)

-- name: mart_star_of_join
select o.*, c.name as customer_name, c.country from {{ ref('orders') }} o join {{ ref('customers') }} c on c.id = o.customer_id

-- name: mart_star_over_using
select * from (select id as customer_id, name from {{ ref('customers') }}) join (select customer_id, id as order_id from {{ ref('orders') }}) using (customer_id)

-- name: mart_two_facts_one_dimension
select p.id, p.name, s.units, w.views from {{ ref('products') }} p
left join (select product_id, sum(quantity) as units from {{ ref('order_lines') }} group by 1) s on s.product_id = p.id
left join (select p2.id as product_id, count(*) as views from {{ ref('products') }} p2 join {{ ref('events') }} e on e.payload->>'url' = '/p/' || p2.id group by 1) w on w.product_id = p.id

-- name: mart_budget_vs_actual
with actual as (select coalesce(country, 'none') as region, sum(case when quarter(o.ordered_at) = 1 then amount end) as q1 from {{ ref('orders') }} o join {{ ref('customers') }} c on c.id = o.customer_id group by 1)
select q.region, q.q1 as budget, a.q1 as actual, a.q1 - q.q1 as difference, round(100.0 * a.q1 / nullif(q.q1, 0), 1) as percent from {{ ref('quotas') }} q left join actual a on a.region = q.region

-- name: mart_positional_join
-- undetermined: rows
select a.id, b.sku from {{ ref('orders') }} a positional join {{ ref('products') }} b

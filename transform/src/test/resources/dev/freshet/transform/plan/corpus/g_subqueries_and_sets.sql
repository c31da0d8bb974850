-- Subqueries in expressions, and set operations.

-- name: sub_exists
select c.id, c.name from {{ ref('customers') }} c where exists (select 1 from {{ ref('orders') }} o where o.customer_id = c.id and o.status = 'shipped')

-- name: sub_not_exists
select c.id, c.name from {{ ref('customers') }} c where not exists (select * from {{ ref('orders') }} o where o.customer_id = c.id)

-- name: sub_in
select id, name from {{ ref('customers') }} where id in (select customer_id from {{ ref('orders') }} where amount > 50)

-- name: sub_not_in
select id, name from {{ ref('customers') }} where id not in (select customer_id from {{ ref('orders') }} where customer_id is not null)

-- name: sub_not_in_with_nulls
select id from {{ ref('customers') }} where id not in (select customer_id from {{ ref('events') }})

-- name: sub_in_or
select id, status from {{ ref('orders') }} where id in (select order_id from {{ ref('order_tags') }} where tag = 'vip') or amount > 100

-- name: sub_in_select_list
select id, id in (select order_id from {{ ref('payments') }} where status = 'ok') as is_paid from {{ ref('orders') }}

-- name: sub_in_pairs
select order_id, line_no from {{ ref('order_lines') }} where (order_id, line_no) in (select order_id, max(line_no) from {{ ref('order_lines') }} group by order_id)

-- name: sub_scalar
select id, amount, (select avg(amount) from {{ ref('orders') }}) as average from {{ ref('orders') }}

-- name: sub_scalar_in_where
select id, amount from {{ ref('orders') }} where amount > (select avg(amount) from {{ ref('orders') }})

-- name: sub_correlated_scalar
select c.id, (select max(o.ordered_at) from {{ ref('orders') }} o where o.customer_id = c.id) as last_order, (select count(*) from {{ ref('events') }} e where e.customer_id = c.id) as events from {{ ref('customers') }} c

-- name: sub_correlated_comparison
select o.id, o.amount from {{ ref('orders') }} o where o.amount >= (select avg(x.amount) from {{ ref('orders') }} x where x.customer_id = o.customer_id)

-- name: sub_correlated_inequality
select o.id, (select count(*) from {{ ref('orders') }} x where x.ordered_at < o.ordered_at) as before from {{ ref('orders') }} o

-- name: sub_correlated_running
select o.id, o.customer_id, (select sum(x.amount) from {{ ref('orders') }} x where x.customer_id = o.customer_id and x.id <= o.id) as running from {{ ref('orders') }} o

-- name: sub_scalar_limit
select c.id, (select o.status from {{ ref('orders') }} o where o.customer_id = c.id order by o.ordered_at desc nulls last, o.id limit 1) as last_status from {{ ref('customers') }} c

-- name: sub_array
select c.id, array(select o.id from {{ ref('orders') }} o where o.customer_id = c.id order by o.id) as order_ids from {{ ref('customers') }} c

-- name: sub_any_all
select id, amount from {{ ref('orders') }} where amount >= all (select amount from {{ ref('orders') }} where amount is not null) or amount = any (select price from {{ ref('products') }})

-- name: sub_exists_in_select
select p.id, exists (select 1 from {{ ref('order_lines') }} l where l.product_id = p.id) as was_sold from {{ ref('products') }} p

-- name: sub_exists_in_case
select c.id, case when exists (select 1 from {{ ref('subscriptions') }} s where s.customer_id = c.id and s.valid_to is null) then 'subscribed' when exists (select 1 from {{ ref('orders') }} o where o.customer_id = c.id) then 'buyer' else 'visitor' end as kind from {{ ref('customers') }} c

-- name: sub_nested_exists
select c.id from {{ ref('customers') }} c where exists (select 1 from {{ ref('orders') }} o where o.customer_id = c.id and exists (select 1 from {{ ref('order_lines') }} l where l.order_id = o.id and l.quantity > 2))

-- name: sub_in_with_group
select * from {{ ref('orders') }} where customer_id in (select customer_id from {{ ref('orders') }} group by customer_id having count(*) >= 2)

-- name: sub_max_date
select * from {{ ref('rates') }} where day = (select max(day) from {{ ref('rates') }})

-- name: sub_max_date_per_currency
select r.* from {{ ref('rates') }} r where r.day = (select max(x.day) from {{ ref('rates') }} x where x.currency = r.currency)

-- name: sub_having
select customer_id, sum(amount) as s from {{ ref('orders') }} group by customer_id having sum(amount) > (select avg(amount) from {{ ref('orders') }})

-- name: sub_in_from
select q.country, q.n from (select country, count(*) as n from {{ ref('customers') }} group by country) as q where q.n > 1

-- name: sub_deep
select id from (select id, status from (select id, status, amount from (select * from {{ ref('orders') }}) a where amount > 0) b where status is not null) c

-- name: sub_cte_in_subquery
select c.id, (with o as (select amount from {{ ref('orders') }} where customer_id = c.id) select sum(amount) from o) as total from {{ ref('customers') }} c

-- name: sub_first_id
select id, (select min(id) from {{ ref('customers') }}) as first_id, id - (select min(id) from {{ ref('customers') }}) as offset_id from {{ ref('customers') }}

-- name: sub_in_order_and_limit
select id, amount from {{ ref('orders') }} where id in (select id from {{ ref('orders') }} order by amount desc nulls last, id limit 5)

-- name: set_union_all
select id, name, 'customer' as kind from {{ ref('customers') }} union all select id, name, 'employee' from {{ ref('employees') }} union all select id, name, 'product' from {{ ref('products') }}

-- name: set_union
select country as place from {{ ref('customers') }} union select region from {{ ref('quotas') }}

-- name: set_union_by_name
select id, name, country from {{ ref('customers') }} union all by name select name, id, department from {{ ref('employees') }}

-- name: set_union_by_name_distinct
select status, channel from {{ ref('orders') }} union by name select channel, currency from {{ ref('orders') }}

-- name: set_intersect
select customer_id from {{ ref('orders') }} intersect select customer_id from {{ ref('events') }}

-- name: set_intersect_all
select customer_id from {{ ref('orders') }} intersect all select customer_id from {{ ref('subscriptions') }}

-- name: set_except
select id from {{ ref('customers') }} except select customer_id from {{ ref('orders') }}

-- name: set_except_all
select customer_id, channel from {{ ref('orders') }} except all select customer_id, 'web' from {{ ref('events') }}

-- name: set_mixed
(select id from {{ ref('orders') }} except select order_id from {{ ref('payments') }}) union select order_id from {{ ref('order_tags') }} where tag = 'vip'

-- name: set_precedence
select id from {{ ref('orders') }} union select order_id from {{ ref('payments') }} intersect select order_id from {{ ref('order_lines') }}

-- name: set_different_types
select id, amount from {{ ref('orders') }} union all select id, balance from (select customer_id as id, balance from {{ ref('accounts') }})

-- name: set_nulls
select 1 as a, null as b from {{ ref('quotas') }} union all select id, name from {{ ref('customers') }}

-- name: set_with_order_and_limit
select id, amount from {{ ref('orders') }} union all select id, amount from {{ ref('payments') }} order by amount desc nulls last, id limit 7

-- name: set_union_of_groups
select 'day' as grain, ordered_at::date as period, sum(amount) as amount from {{ ref('orders') }} group by all union all select 'month', date_trunc('month', ordered_at)::date, sum(amount) from {{ ref('orders') }} group by all

-- name: set_union_in_from
select u.id, u.src, count(*) over (partition by u.id) as n from (select id, 'o' as src from {{ ref('orders') }} union all select order_id, 'p' from {{ ref('payments') }}) u

-- name: set_union_grouped
select customer_id, sum(v) as points from (select customer_id, 2 as v from {{ ref('orders') }} union all select customer_id, 1 from {{ ref('events') }}) group by customer_id

-- name: set_values_union
select 'unknown' as status, 0 as rank union all select distinct status, 1 from {{ ref('orders') }}

-- name: set_distinct_after
select distinct status from (select status from {{ ref('orders') }} union all select status from {{ ref('payments') }})

-- name: sub_limit_only
-- undetermined: rows
select id from {{ ref('orders') }} limit 3

-- name: sub_order_limit
select id, amount from {{ ref('orders') }} order by amount desc nulls last, id limit 5

-- name: sub_order_limit_offset
select id, name from {{ ref('customers') }} order by id limit 5 offset 3

-- name: sub_limit_percent
select id, amount from {{ ref('orders') }} order by id limit 20%

-- name: sub_fetch_first
select id, amount from {{ ref('orders') }} order by id desc offset 2

-- name: sub_top_per_union
(select id, amount from {{ ref('orders') }} order by amount desc nulls last, id limit 3) union all (select id, amount from {{ ref('orders') }} order by amount nulls last, id limit 3)

-- Window functions.

-- name: win_running_total
select id, customer_id, amount, sum(amount) over (partition by customer_id order by ordered_at, id rows between unbounded preceding and current row) as running from {{ ref('orders') }}

-- name: win_running_total_range
select id, customer_id, sum(amount) over (partition by customer_id order by ordered_at) as running from {{ ref('orders') }}

-- name: win_running_total_all
select id, sum(amount) over (order by id) as running from {{ ref('orders') }}

-- name: win_row_number
select id, customer_id, row_number() over (partition by customer_id order by ordered_at nulls first, id) as n from {{ ref('orders') }}

-- name: win_rank_dense
select id, customer_id, rank() over (partition by customer_id order by amount desc) as r, dense_rank() over (partition by customer_id order by amount desc) as d, percent_rank() over (partition by customer_id order by amount) as p, cume_dist() over (partition by customer_id order by amount) as c from {{ ref('orders') }}

-- name: win_rank_all
select id, amount, rank() over (order by amount desc nulls last) as r from {{ ref('orders') }}

-- name: win_ntile
select id, channel, ntile(4) over (partition by channel order by amount nulls last, id) as quartile from {{ ref('orders') }}

-- name: win_lag_lead
select id, customer_id, ordered_at, lag(ordered_at) over (partition by customer_id order by ordered_at, id) as previous, lead(amount, 1, 0) over (partition by customer_id order by ordered_at, id) as next_amount,
    date_diff('day', lag(ordered_at) over (partition by customer_id order by ordered_at, id), ordered_at) as days_between from {{ ref('orders') }}

-- name: win_first_last_value
select id, customer_id, first_value(amount) over w as first_amount, last_value(amount) over (partition by customer_id order by ordered_at, id rows between unbounded preceding and unbounded following) as last_amount, nth_value(amount, 2) over w as second
from {{ ref('orders') }} window w as (partition by customer_id order by ordered_at, id)

-- name: win_ignore_nulls
select id, customer_id, last_value(amount ignore nulls) over (partition by customer_id order by id rows between unbounded preceding and current row) as last_known, lag(note ignore nulls) over (partition by customer_id order by id) as last_note from {{ ref('orders') }}

-- name: win_moving_average
select day, currency, rate, avg(rate) over (partition by currency order by day rows between 2 preceding and current row) as average_3, max(rate) over (partition by currency order by day rows between 1 preceding and 1 following) as peak from {{ ref('rates') }}

-- name: win_range_interval
select id, customer_id, sum(amount) over (partition by customer_id order by ordered_at range between interval 7 days preceding and current row) as last_week from {{ ref('orders') }} where ordered_at is not null

-- name: win_range_numbers
select id, channel, count(*) over (partition by channel order by amount range between 5 preceding and 5 following) as near from {{ ref('orders') }} where amount is not null

-- name: win_groups_frame
select id, channel, sum(id) over (partition by channel order by amount groups between 1 preceding and current row) as s from {{ ref('orders') }}

-- name: win_exclude
select id, channel, sum(amount) over (partition by channel order by id rows between unbounded preceding and unbounded following exclude current row) as others, count(*) over (partition by channel order by amount range between unbounded preceding and unbounded following exclude ties) as c from {{ ref('orders') }}

-- name: win_share_of_customer
select id, customer_id, amount, round(amount / nullif(sum(amount) over (partition by customer_id), 0), 4) as share from {{ ref('orders') }}

-- name: win_share_of_all
select id, amount / sum(amount) over () as share, amount - avg(amount) over () as deviation from {{ ref('orders') }}

-- name: win_count_per_group
select id, country, count(*) over (partition by country) as same_country, count(*) filter (where is_active) over (partition by country) as active from {{ ref('customers') }}

-- name: win_named_windows
select id, customer_id, row_number() over w as n, sum(amount) over w as s, avg(amount) over (w rows 1 preceding) as a, max(amount) over p as m from {{ ref('orders') }} window p as (partition by customer_id), w as (p order by id)

-- name: win_qualify_rank
select id, customer_id, amount from {{ ref('orders') }} qualify rank() over (partition by customer_id order by amount desc nulls last) <= 2

-- name: win_qualify_alias
select id, customer_id, row_number() over (partition by customer_id order by id desc) as rn from {{ ref('orders') }} qualify rn = 1

-- name: win_qualify_named
select id, channel, amount from {{ ref('orders') }} window w as (partition by channel order by amount desc nulls last, id) qualify row_number() over w = 1

-- name: win_qualify_count
select * from {{ ref('order_tags') }} qualify count(*) over (partition by order_id) > 1

-- name: win_top_products_per_category
select category, product_id, revenue, rank() over (partition by category order by revenue desc) as place from (
    select p.category, p.id as product_id, sum(l.quantity * l.unit_price) as revenue from {{ ref('order_lines') }} l join {{ ref('products') }} p on p.id = l.product_id group by p.category, p.id) t
qualify place <= 2

-- name: win_over_aggregate
select customer_id, count(*) as n, rank() over (order by count(*) desc) as place from {{ ref('orders') }} group by customer_id

-- name: win_over_aggregate_partitioned
select channel, status, sum(amount) as amount, sum(amount) / sum(sum(amount)) over (partition by channel) as share from {{ ref('orders') }} group by channel, status

-- name: win_month_over_month
with monthly as (select date_trunc('month', ordered_at) as month, sum(amount) as revenue from {{ ref('orders') }} where ordered_at is not null group by 1)
select month, revenue, lag(revenue) over (order by month) as previous, revenue - lag(revenue) over (order by month) as change, round((revenue / nullif(lag(revenue) over (order by month), 0) - 1) * 100, 1) as growth from monthly

-- name: win_month_over_month_by_channel
with monthly as (select channel, date_trunc('month', ordered_at) as month, sum(amount) as revenue from {{ ref('orders') }} group by 1, 2)
select channel, month, revenue, lag(revenue) over (partition by channel order by month) as previous from monthly

-- name: win_islands
with numbered as (select day, is_holiday, day - row_number() over (partition by is_holiday order by day)::int as island from {{ ref('calendar') }})
select is_holiday, island, min(day) as from_day, max(day) as to_day, count(*) as days from numbered group by is_holiday, island

-- name: win_gaps
select day, lead(day) over (order by day) as next_day, lead(day) over (order by day) - day as gap from {{ ref('calendar') }} qualify gap > 1

-- name: win_first_order_flag
select id, customer_id, row_number() over (partition by customer_id order by ordered_at nulls last, id) = 1 as is_first, case when row_number() over (partition by customer_id order by ordered_at desc nulls last, id desc) = 1 then 'last' end as mark from {{ ref('orders') }}

-- name: win_scd2_from_events
select id, customer_id, kind, occurred_at as valid_from, coalesce(lead(occurred_at) over (partition by customer_id order by occurred_at, id), timestamp '9999-12-31') as valid_to, lead(id) over (partition by customer_id order by occurred_at, id) is null as is_current from {{ ref('events') }} where customer_id is not null

-- name: win_scd2_versions
select id, customer_id, plan, valid_from, lead(valid_from) over (partition by customer_id order by valid_from, id) as next_from, row_number() over (partition by customer_id order by valid_from, id) as version from {{ ref('subscriptions') }}

-- name: win_duplicates
select * from (select *, count(*) over (partition by lower(trim(email))) as copies from {{ ref('customers') }}) where copies > 1

-- name: win_duplicates_by_column
select id, email, count(*) over (partition by email) as copies, row_number() over (partition by email order by created_at nulls last, id) as copy from {{ ref('customers') }}

-- name: win_ties
-- undetermined: n
select customer_id, status, row_number() over (partition by customer_id order by status) as n from {{ ref('orders') }}

-- name: win_partition_by_expression
select id, sum(amount) over (partition by upper(currency), date_trunc('month', ordered_at)) as s from {{ ref('orders') }}

-- name: win_two_partitions
select id, customer_id, channel, sum(amount) over (partition by customer_id) as by_customer, sum(amount) over (partition by channel) as by_channel from {{ ref('orders') }}

-- name: win_partition_by_more
select id, customer_id, channel, rank() over (partition by customer_id, channel order by id) as r, count(*) over (partition by channel, customer_id) as c from {{ ref('orders') }}

-- name: win_list_agg
select id, customer_id, list(status) over (partition by customer_id order by id) as history, string_agg(status, '>') over (partition by customer_id order by id) as path from {{ ref('orders') }}

-- name: win_cumulative_distinct
select customer_id, month, orders, sum(orders) over (partition by customer_id order by month) as cumulative from (select customer_id, date_trunc('month', ordered_at) as month, count(*) as orders from {{ ref('orders') }} group by 1, 2) q

-- name: win_pareto
with s as (select product_id, sum(quantity * unit_price) as revenue from {{ ref('order_lines') }} group by product_id)
select product_id, revenue, sum(revenue) over (order by revenue desc nulls last, product_id) / sum(revenue) over () as cumulative_share from s

-- name: win_median_in_window
select id, channel, median(amount) over (partition by channel) as m, quantile_cont(amount, 0.5) over (partition by channel order by id rows between 3 preceding and current row) as q from {{ ref('orders') }}

-- name: win_arg_max_window
select id, customer_id, arg_max(status, id) over (partition by customer_id order by id rows unbounded preceding) as last_status, min(amount) over (partition by customer_id order by id rows between 1 following and unbounded following) as later_low from {{ ref('orders') }}

-- name: win_fill
select day, currency, rate, fill(rate) over (partition by currency order by day) as filled from {{ ref('rates') }}

-- name: win_max_of_window_below_group
select customer_id, max(n) as most from (select customer_id, row_number() over (partition by customer_id, channel order by id) as n from {{ ref('orders') }}) group by customer_id

-- name: win_latest_per_key_join
with latest as (select *, row_number() over (partition by currency order by day desc) as rn from {{ ref('rates') }})
select o.id, o.currency, l.rate from {{ ref('orders') }} o left join latest l on l.currency = o.currency and l.rn = 1

-- name: win_dedup_keyless
select order_id, tag, row_number() over (partition by order_id, tag) as copy from {{ ref('order_tags') }}

-- name: win_boolean_window
select id, customer_id, bool_or(status = 'returned') over (partition by customer_id order by id) as returned_before, count(distinct channel) over (partition by customer_id) as channels from {{ ref('orders') }}

-- Aggregates: what is grouped, and by what.

-- name: agg_count_by_status
select status, count(*) from {{ ref('orders') }} group by status

-- name: agg_whole_table
select count(*) as orders, sum(amount) as revenue, avg(amount) as average, count(distinct customer_id) as customers, min(ordered_at) as first_at from {{ ref('orders') }}

-- name: agg_whole_table_sums
select count(*) as orders, sum(amount) as revenue, avg(amount) as average, count(amount) as priced from {{ ref('orders') }}

-- name: agg_empty_result
select count(*) as n, sum(amount) as s from {{ ref('orders') }} where id < 0

-- name: agg_exact_sums
select customer_id, sum(amount) as total, sum(amount * 2) as doubled, avg(discount) as discount, count(*) as n, count(note) as notes from {{ ref('orders') }} group by customer_id

-- name: agg_min_max
select customer_id, min(amount) as lowest, max(amount) as highest, max(amount) - min(amount) as spread from {{ ref('orders') }} group by customer_id

-- name: agg_count_distinct
select country, count(distinct segment) as segments, count(distinct id) as customers from {{ ref('customers') }} group by country

-- name: agg_filter_clause
select channel, count(*) filter (where status = 'placed') as placed, sum(amount) filter (where status = 'shipped') as shipped, avg(amount) filter (where amount > 10) as avg_large from {{ ref('orders') }} group by channel

-- name: agg_sum_case
select channel, sum(case when status = 'placed' then 1 else 0 end) as placed, sum(case when status = 'returned' then amount else 0 end) as returned, count(case when amount > 50 then 1 end) as large from {{ ref('orders') }} group by channel

-- name: agg_sum_boolean
select country, sum(is_active::int) as active, avg(is_active::int) as share, count_if(is_active) as counted, countif(not is_active) as inactive from {{ ref('customers') }} group by country

-- name: agg_percent_of_total
select channel, sum(amount) as amount, round(100.0 * sum(amount) / sum(sum(amount)) over (), 2) as percent from {{ ref('orders') }} group by channel

-- name: agg_percent_of_total_subquery
select channel, sum(amount) as amount, sum(amount) / (select sum(amount) from {{ ref('orders') }}) as share from {{ ref('orders') }} group by channel

-- name: agg_having
select customer_id, count(*) as orders, sum(amount) as total from {{ ref('orders') }} group by customer_id having count(*) > 1 and sum(amount) > 20

-- name: agg_having_only
select status from {{ ref('orders') }} group by status having max(amount) > 100

-- name: agg_expression_of_aggregates
select customer_id, sum(amount) / count(*) as mean, sum(amount) - coalesce(sum(discount), 0) as net, case when count(*) > 2 then 'many' else 'few' end as class, round(avg(amount), 2) as rounded from {{ ref('orders') }} group by customer_id

-- name: agg_group_by_expression
select upper(currency) as currency, date_trunc('month', ordered_at) as month, sum(amount) as amount from {{ ref('orders') }} group by upper(currency), date_trunc('month', ordered_at)

-- name: agg_group_by_case
select case when amount < 20 then 'small' when amount < 80 then 'medium' else 'large' end as size, count(*) as n, sum(amount) as total from {{ ref('orders') }} group by 1

-- name: agg_group_by_min_of_expression
select date_trunc('month', ordered_at) as month, max(amount) as biggest, min(id) as first_id from {{ ref('orders') }} group by 1

-- name: agg_group_by_constant
select 'all' as scope, count(*) as n from {{ ref('orders') }} group by 1

-- name: agg_grouping_sets
select channel, status, count(*) as n, sum(amount) as amount from {{ ref('orders') }} group by grouping sets ((channel, status), (channel), ())

-- name: agg_rollup
select channel, status, count(*) as n, grouping(channel, status) as level from {{ ref('orders') }} group by rollup (channel, status)

-- name: agg_cube
select country, segment, count(*) as n from {{ ref('customers') }} group by cube (country, segment)

-- name: agg_rollup_labels
select coalesce(category, case when grouping(category) = 1 then 'total' else 'none' end) as category, sum(price) as price from {{ ref('products') }} group by rollup (category)

-- name: agg_string_agg_ordered
select order_id, string_agg(tag, ',' order by tag) as tags from {{ ref('order_tags') }} group by order_id

-- name: agg_string_agg_unordered
-- undetermined: tags
select order_id, count(*) as n, string_agg(tag, ',') as tags from {{ ref('order_tags') }} group by order_id

-- name: agg_string_agg_distinct
select order_id, string_agg(distinct lower(tag), '|' order by lower(tag)) as tags, listagg(tag, ';' order by tag desc) as listed, group_concat(tag, '+' order by tag) as concatenated from {{ ref('order_tags') }} group by all

-- name: agg_list
select customer_id, list(id order by id) as orders, array_agg(status order by id desc) as statuses, array_agg(distinct channel order by channel) as channels, len(list(id)) as n from {{ ref('orders') }} group by customer_id

-- name: agg_list_unordered
-- undetermined: orders
select customer_id, list(id) as orders, list_sort(list(id)) as sorted from {{ ref('orders') }} group by customer_id

-- name: agg_bool
select country, bool_and(is_active) as all_active, bool_or(is_active) as any_active, every.e as e from {{ ref('customers') }}, (select 1) every(e) group by country, every.e

-- name: agg_max_by
select customer_id, max_by(id, amount * 1000 + id) as largest, arg_min(status, id) as first_status, arg_max(channel, id) as last_channel, min_by(amount, id) as first_amount from {{ ref('orders') }} group by customer_id

-- name: agg_max_by_ties
-- undetermined: status
select customer_id, max_by(status, amount) as status, max(amount) as amount from {{ ref('orders') }} group by customer_id

-- name: agg_any_value
-- undetermined: some_status
select customer_id, any_value(status) as some_status, count(*) as n from {{ ref('orders') }} group by customer_id

-- name: agg_any_value_of_key
select o.customer_id, any_value(c.country) as country, count(*) as n from {{ ref('orders') }} o join {{ ref('customers') }} c on c.id = o.customer_id group by o.customer_id

-- name: agg_first_last_ordered
select customer_id, first(amount order by id) as first_amount, last(amount order by id) as last_amount from {{ ref('orders') }} group by customer_id

-- name: agg_median_quantile
select channel, median(amount) as median, quantile_cont(amount, 0.25) as q1, quantile_disc(amount, 0.75) as q3, percentile_cont(0.9) within group (order by amount) as p90, percentile_disc(0.5) within group (order by amount desc) as p50 from {{ ref('orders') }} group by channel

-- name: agg_quantile_list
select category, quantile_cont(price, [0.1, 0.5, 0.9]) as deciles from {{ ref('products') }} group by category

-- name: agg_mode
-- undetermined: common_status
select channel, mode(status) as common_status from {{ ref('orders') }} group by channel

-- name: agg_statistics
select channel, round(stddev(amount), 6) as sd, round(var_samp(amount), 6) as variance, round(stddev_pop(id), 6) as sdp, round(corr(id, amount), 6) as correlation, round(regr_slope(amount, id), 6) as slope, round(skewness(id), 4) as skew from {{ ref('orders') }} group by channel

-- name: agg_approx
select channel, approx_count_distinct(customer_id) as customers, approx_quantile(id, 0.5) is not null as has_median from {{ ref('orders') }} group by channel

-- name: agg_histogram
select category, histogram(id)::varchar as ids, map_from_entries(list({'k': id, 'v': sku} order by id))::varchar as skus from {{ ref('products') }} group by category

-- name: agg_bits
select channel, bit_and(id) as a, bit_or(id) as o, bit_xor(id) as x, product(id::double / 8) as p from {{ ref('orders') }} where id <= 8 group by channel

-- name: agg_sum_of_doubles
select product_id, sum(discount_rate) as rate, avg(discount_rate) as mean, fsum(discount_rate) as exact from {{ ref('order_lines') }} group by product_id

-- name: agg_sum_of_weight
select category, sum(weight) as weight, max(weight) as heaviest from {{ ref('products') }} group by category

-- name: agg_two_levels
select orders, count(*) as customers from (select customer_id, count(*) as orders from {{ ref('orders') }} group by customer_id) group by orders

-- name: agg_average_of_sums
select avg(total) as average_basket, max(total) as biggest from (select order_id, sum(quantity * unit_price) as total from {{ ref('order_lines') }} group by order_id)

-- name: agg_sum_of_distinct
select sum(distinct amount) as s, count(distinct amount) as n, avg(distinct amount) as a from {{ ref('orders') }}

-- name: agg_count_distinct_pairs
select channel, count(distinct (customer_id, status)) as pairs, count(distinct coalesce(customer_id, 0)) as singles from {{ ref('orders') }} group by channel

-- name: agg_cohorts
with first_orders as (select customer_id, date_trunc('month', min(ordered_at)) as cohort from {{ ref('orders') }} group by customer_id)
select f.cohort, date_diff('month', f.cohort, o.ordered_at) as months_later, count(distinct o.customer_id) as customers, sum(o.amount) as revenue
from {{ ref('orders') }} o join first_orders f on f.customer_id = o.customer_id group by f.cohort, months_later

-- name: agg_retention
with activity as (select distinct customer_id, date_trunc('month', occurred_at) as month from {{ ref('events') }} where customer_id is not null)
select a.month, count(distinct a.customer_id) as active, count(distinct b.customer_id) as retained, round(count(distinct b.customer_id) * 1.0 / count(distinct a.customer_id), 3) as retention
from activity a left join activity b on b.customer_id = a.customer_id and b.month = a.month + interval 1 month group by a.month

-- name: agg_funnel
select count(distinct case when kind = 'view' then session_id end) as viewed, count(distinct case when kind = 'cart' then session_id end) as carted,
    count(distinct case when kind = 'purchase' then session_id end) as bought from {{ ref('events') }}

-- name: agg_funnel_by_customer
with steps as (select customer_id, min(occurred_at) filter (kind = 'view') as viewed_at, min(occurred_at) filter (where kind = 'cart') as carted_at, min(occurred_at) filter (where kind = 'purchase') as bought_at from {{ ref('events') }} group by customer_id)
select customer_id, viewed_at is not null as viewed, carted_at > viewed_at as carted_after, bought_at > carted_at as bought_after from steps

-- name: agg_rfm
with r as (select customer_id, date_diff('day', max(ordered_at)::date, date '2026-04-01') as recency, count(*) as frequency, sum(amount) as monetary from {{ ref('orders') }} where customer_id is not null group by 1)
select *, case when recency < 20 then 3 when recency < 45 then 2 else 1 end as r_score, least(frequency, 5) as f_score from r

-- name: agg_json_values
select payload->>'url' as url, count(*) as n, max(try_cast(payload->>'ms' as int)) as slowest from {{ ref('events') }} group by payload->>'url'

-- name: agg_json_group
select customer_id, to_json(list(id order by id))::varchar as ids, json_array_length(json_group_array(status)) as n from {{ ref('orders') }} where status is not null group by customer_id

-- name: agg_arrays_in_groups
select labels, count(*) as n from {{ ref('products') }} group by labels

-- name: agg_over_join_min
select c.country, min(o.ordered_at) as first_at, max(o.amount) as biggest from {{ ref('orders') }} o join {{ ref('customers') }} c on c.id = o.customer_id group by c.country

-- name: agg_distinct_on
select distinct on (customer_id) customer_id, id, status, amount from {{ ref('orders') }} order by customer_id, ordered_at desc nulls last, id

-- name: agg_distinct_count_star
select count(*) as n from (select distinct customer_id, channel from {{ ref('orders') }})

-- name: agg_group_by_many
select customer_id, status, channel, currency, ordered_at::date as day, count(*) as n, sum(amount) as s from {{ ref('orders') }} group by customer_id, status, channel, currency, ordered_at::date

-- name: agg_sum_of_case_with_join
select o.channel, sum(case when p.status = 'ok' then p.amount else 0 end) as ok, sum(case when p.status <> 'ok' then p.amount end) as other, count(p.id) as payments
from {{ ref('orders') }} o left join {{ ref('payments') }} p on p.order_id = o.id group by o.channel

-- name: agg_integer_division_types
select status, sum(id) as s, sum(id) / count(*) as m, sum(id) // count(*) as d, avg(id) as a, sum(id::bigint) as b, sum(id::decimal(9,3)) as e, sum(1.5) as f from {{ ref('orders') }} group by status

-- name: agg_totals_limited
select customer_id, sum(amount) as total from {{ ref('orders') }} where customer_id is not null group by customer_id order by total desc nulls last, customer_id limit 5

-- name: agg_totals_limited_offset
select status, channel, count(*) as n from {{ ref('orders') }} group by status, channel order by n desc, status nulls first, channel nulls first limit 4 offset 2

-- name: agg_filter_on_joined_date
select c.fiscal_quarter, c.is_holiday, count(*) as orders, sum(o.amount) as amount from {{ ref('orders') }} o join {{ ref('calendar') }} c on c.day = o.ordered_at::date group by all

-- name: agg_mirror_sum_zero
select customer_id, sum(case when status = 'refunded' then -p.amount else p.amount end) as balance from {{ ref('payments') }} p join (select id, customer_id from {{ ref('orders') }}) o on o.id = p.order_id group by customer_id having balance <> 0

-- Date spines, recursion, the clock.

-- name: time_spine_range
select d.day::date as day, count(o.id) as orders, coalesce(sum(o.amount), 0) as amount
from range(timestamp '2026-01-01', timestamp '2026-04-01', interval 1 day) as d(day) left join {{ ref('orders') }} o on o.ordered_at::date = d.day::date group by 1

-- name: time_spine_generate_series
with spine as (select unnest(generate_series(date '2026-01-01', date '2026-03-31', interval '1 day'))::date as day),
daily as (select ordered_at::date as day, sum(amount) as amount from {{ ref('orders') }} group by 1)
select spine.day, coalesce(daily.amount, 0) as amount from spine left join daily using (day)

-- name: time_spine_from_bounds
with bounds as (select min(ordered_at)::date as lo, max(ordered_at)::date as hi from {{ ref('orders') }}), spine as (select unnest(range(lo, hi + 1, interval 1 day))::date as day from bounds)
select s.day, count(o.id) as n from spine s left join {{ ref('orders') }} o on o.ordered_at::date = s.day group by s.day

-- name: time_spine_months
select m.month, c.id, c.name from (select (date '2025-01-01' + to_months(i::int))::date as month from range(12) t(i)) m join {{ ref('customers') }} c on date_trunc('month', c.created_at) = m.month

-- name: time_spine_per_row
select s.id, s.plan, g.day::date as active_on from {{ ref('subscriptions') }} s, generate_series(s.valid_from, least(coalesce(s.valid_to, s.valid_from + 3), s.valid_from + 10), interval '1 day') g(day)

-- name: time_spine_recursive
with recursive days(day) as (select date '2026-01-01' union all select (day + 1)::date from days where day < date '2026-01-31')
select days.day, count(o.id) as orders from days left join {{ ref('orders') }} o on o.ordered_at::date = days.day group by days.day

-- name: time_hierarchy
with recursive chain as (
    select id, name, manager_id, 1 as level, name as path from {{ ref('employees') }} where manager_id is null
    union all
    select e.id, e.name, e.manager_id, c.level + 1, c.path || ' > ' || e.name from {{ ref('employees') }} e join chain c on e.manager_id = c.id where c.level < 6
)
select id, level, path from chain

-- name: time_hierarchy_up
with recursive up as (select id as employee, manager_id, 0 as distance from {{ ref('employees') }} union select u.employee, e.manager_id, u.distance + 1 from up u join {{ ref('employees') }} e on e.id = u.manager_id where u.distance < 5)
select employee, count(*) as steps, max(distance) as farthest from up group by employee

-- name: time_recursive_unused
with recursive cleaned as (select id, trim(status) as status from {{ ref('orders') }}) select * from cleaned where status = 'placed'

-- name: time_now
-- undetermined: seen_at, age
select id, now() as seen_at, age(now()::timestamp, ordered_at)::varchar as age from {{ ref('orders') }}

-- name: time_current_date
-- undetermined: days
select id, date_diff('day', ordered_at::date, current_date) as days from {{ ref('orders') }}

-- name: time_current_timestamp
-- undetermined: loaded_at
select id, status, current_timestamp as loaded_at from {{ ref('orders') }}

-- name: time_last_30_days
-- undetermined: rows
select * from {{ ref('orders') }} where ordered_at >= current_date - interval 30 day

-- name: time_today
-- undetermined: t
select id, today() as t from {{ ref('orders') }}

-- name: time_random
-- undetermined: r
select id, random() as r from {{ ref('orders') }}

-- name: time_uuid
-- undetermined: sk
select id, gen_random_uuid() as sk from {{ ref('orders') }}

-- name: time_week_starts
select date_trunc('week', ordered_at)::date as week_start, (date_trunc('week', ordered_at) + interval '6 days')::date as week_end, count(*) as n from {{ ref('orders') }} group by 1, 2

-- name: time_week_starts_sunday
select (date_trunc('week', ordered_at + interval 1 day) - interval 1 day)::date as sunday, sum(amount) as amount from {{ ref('orders') }} group by all

-- name: time_fiscal_year
select id, case when month(ordered_at) >= 4 then year(ordered_at) + 1 else year(ordered_at) end as fiscal_year, 'Q' || (((month(ordered_at) + 8) % 12) // 3 + 1) as fiscal_quarter from {{ ref('orders') }}

-- name: time_buckets
select time_bucket(interval '6 hours', occurred_at) as bucket, count(*) as n from {{ ref('events') }} group by bucket

-- name: time_bucket_by_origin
select id, time_bucket(interval '2 weeks', ordered_at, timestamp '2026-01-01') as fortnight from {{ ref('orders') }}

-- name: time_business_days
select o.id, (select count(*) from {{ ref('calendar') }} c where c.day between o.ordered_at::date and o.shipped_at::date and not c.is_holiday) as business_days from {{ ref('orders') }} o

-- name: time_overlapping_periods
select a.id, b.id as other_id, greatest(a.valid_from, b.valid_from) as overlap_from, least(coalesce(a.valid_to, 'infinity'::date), coalesce(b.valid_to, 'infinity'::date)) as overlap_to
from {{ ref('subscriptions') }} a join {{ ref('subscriptions') }} b on a.customer_id = b.customer_id and a.id < b.id and a.valid_from < coalesce(b.valid_to, 'infinity') and b.valid_from < coalesce(a.valid_to, 'infinity')

-- name: time_overlaps_function
select id, (valid_from, coalesce(valid_to, date '9999-01-01')) = (date '2026-01-01', date '2026-02-01') as is_january from {{ ref('subscriptions') }}

-- name: time_active_on_day
select c.day, count(s.id) as active, sum(s.monthly) as mrr from {{ ref('calendar') }} c left join {{ ref('subscriptions') }} s on s.valid_from <= c.day and (s.valid_to > c.day or s.valid_to is null) group by c.day

-- name: time_churn
select date_trunc('month', valid_to) as month, count(*) as churned from {{ ref('subscriptions') }} where valid_to is not null group by 1

-- name: time_time_type
select id, ordered_at::time as t, ordered_at::time >= time '12:00' as afternoon, strftime(ordered_at, '%I %p') as twelve, extract(hour from ordered_at::time) as h from {{ ref('orders') }}

-- name: time_epoch
select id, epoch_ms(ordered_at) as ms, to_timestamp(epoch(ordered_at)) as back, make_timestamp(epoch_us(ordered_at)) as again, epoch_ms(1000 * id) as from_ms from {{ ref('orders') }}

-- name: time_zoned_days
select (paid_at at time zone 'Europe/Berlin')::date as berlin_day, sum(amount) as amount, count(*) as n from {{ ref('payments') }} group by 1

-- name: time_infinity
select id, coalesce(valid_to, 'infinity'::date) as valid_to, isfinite(coalesce(valid_to, 'infinity'::date)) as ends from {{ ref('subscriptions') }}

-- name: time_half_years
select id, case when month(ordered_at) <= 6 then 'H1' else 'H2' end || ' ' || year(ordered_at) as half_year, strftime(date_trunc('quarter', ordered_at), 'from %x') as quarter_text from {{ ref('orders') }}

-- name: time_days_since_previous
select id, customer_id, ordered_at::date - lag(ordered_at::date) over (partition by customer_id order by ordered_at, id) as days, ordered_at::date - date '2026-01-01' as since_new_year from {{ ref('orders') }}

-- name: time_first_of_month
select distinct date_trunc('month', day) as month_start, (date_trunc('month', day) + interval '1 month' - interval '1 day')::date as month_end from {{ ref('calendar') }}

-- name: time_cross_spine
with months as (select distinct date_trunc('month', day)::date as month from {{ ref('calendar') }}), customers as (select distinct customer_id from {{ ref('orders') }} where customer_id is not null),
monthly as (select customer_id, date_trunc('month', ordered_at)::date as month, sum(amount) as amount from {{ ref('orders') }} group by 1, 2)
select c.customer_id, m.month, coalesce(x.amount, 0) as amount from customers c cross join months m left join monthly x on x.customer_id = c.customer_id and x.month = m.month

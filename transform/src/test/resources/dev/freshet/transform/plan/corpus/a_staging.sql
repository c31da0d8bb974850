-- Staging models: one source each, columns renamed, cast, cleaned.

-- name: stg_customers
with source as (

    select * from {{ ref('customers') }}

),

renamed as (

    select
        id as customer_id,
        trim(name) as customer_name,
        lower(trim(email)) as email,
        coalesce(upper(nullif(country, '')), 'unknown') as country_code,
        segment,
        created_at,
        cast(created_at as date) as created_on,
        is_active

    from source

)

select * from renamed

-- name: stg_orders
with source as (
    select * from {{ ref('orders') }}
),
renamed as (
    select
        id as order_id,
        customer_id,
        trim(status) as status,
        ordered_at,
        ordered_at::date as ordered_on,
        shipped_at,
        coalesce(amount, 0) as amount,
        coalesce(discount, 0.00) as discount,
        coalesce(amount, 0) - coalesce(discount, 0) as net_amount,
        upper(coalesce(currency, 'EUR')) as currency,
        coalesce(channel, 'unknown') as channel
    from source
)
select * from renamed

-- name: stg_order_lines
select
    order_id,
    line_no,
    order_id || '-' || line_no as order_line_key,
    product_id,
    quantity,
    unit_price,
    quantity * unit_price as gross_amount,
    round(quantity * unit_price * (1 - coalesce(discount_rate, 0)), 2) as net_amount
from {{ ref('order_lines') }}
where quantity is not null and quantity > 0

-- name: stg_products
SELECT
    ID AS PRODUCT_ID,
    NULLIF(SKU, '') AS SKU,
    NAME AS PRODUCT_NAME,
    COALESCE(CATEGORY, 'other') AS CATEGORY,
    PRICE,
    "Unit Cost" AS UNIT_COST,
    PRICE - "Unit Cost" AS MARGIN
FROM {{ ref('products') }}

-- name: stg_payments
select id as payment_id, order_id, lower(method) as method,
  case when status = 'ok' then amount when status = 'refunded' then -amount else 0 end as signed_amount,
  case status when 'ok' then true when 'refunded' then true else false end as is_settled,
  paid_at at time zone 'UTC' as paid_at_utc
from {{ ref('payments') }}

-- name: stg_events
with source as (select * from {{ ref('events') }}),
parsed as (
    select
        id as event_id,
        customer_id,
        session_id,
        kind as event_type,
        occurred_at,
        payload ->> 'url' as url,
        payload ->> '$.query' as search_query,
        try_cast(payload ->> 'ms' as integer) as duration_ms,
        json_extract_string(payload, '$.items[0].sku') as first_sku
    from source
    where occurred_at is not null
)
select * from parsed

-- name: stg_subscriptions
select
    id as subscription_id,
    customer_id,
    plan,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    valid_to is null as is_current,
    monthly::decimal(12, 4) as monthly_fee
from {{ ref('subscriptions') }}

-- name: stg_accounts
select id::varchar as account_id, customer_id, opened_on, balance, upper(currency) as currency,
    case when balance < 0 then 'overdrawn' when balance = 0 then 'empty' else 'funded' end as balance_state
from {{ ref('accounts') }}

-- name: stg_rates
select currency, day as rate_date, rate, 1 / nullif(rate, 0) as inverse_rate, round(rate, 2) as rate_rounded
from {{ ref('rates') }}

-- name: stg_order_tags
select order_id, lower(trim(tag)) as tag
from {{ ref('order_tags') }}
where coalesce(tag, '') <> ''

-- name: stg_quotas
select region, q1, q2, q3, q4, coalesce(q1, 0) + coalesce(q2, 0) + coalesce(q3, 0) + coalesce(q4, 0) as year_total
from {{ ref('quotas') }}

-- name: stg_calendar
select day as date_day, year(day) as year_number, month(day) as month_number, dayofweek(day) as day_of_week,
    dayname(day) as day_name, monthname(day) as month_name, is_holiday,
    case when dayofweek(day) in (0, 6) then true else is_holiday end as is_free
from {{ ref('calendar') }}

-- name: stg_customers_email_parts
select
    id,
    split_part(email, '@', 1) as local_part,
    split_part(email, '@', 2) as domain,
    position('@' in email) as at_position,
    strpos(email, '.') as first_dot,
    email like '%@%.%' as looks_valid,
    regexp_matches(email, '^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$') as is_valid
from {{ ref('customers') }}

-- name: stg_customers_flags
select id,
    is_active is true as active,
    is_active is not false as maybe_active,
    not coalesce(is_active, false) as inactive,
    (credit_limit is null)::int as limit_missing,
    if(credit_limit > 50, 'high', 'low') as limit_class,
    iff.v as echo
from {{ ref('customers') }} as c
join (values (true, 'yes'), (false, 'no')) as iff(k, v) on iff.k = coalesce(c.is_active, false)

-- name: stg_customers_age
select id, birth_date, date_diff('year', birth_date, date '2026-01-01') as age_in_years,
    datediff('day', birth_date, date '2026-01-01') as age_in_days,
    age(timestamp '2026-01-01', birth_date::timestamp)::varchar as age_text,
    date_part('doy', birth_date) as day_of_year
from {{ ref('customers') }}

-- name: stg_orders_buckets
select id as order_id,
    case
        when amount is null then 'none'
        when amount < 10 then '0-10'
        when amount between 10 and 49.99 then '10-50'
        when amount >= 50 and amount < 100 then '50-100'
        else '100+'
    end as amount_bucket,
    floor(amount / 25) * 25 as bucket_start,
    width.w as bucket_width
from {{ ref('orders') }}
cross join (select 25 as w) as width

-- name: stg_orders_safe_casts
select id, try_cast(note as integer) as note_number, try_cast(note as date) as note_date, try_cast(amount as smallint) as amount_small,
    cast(amount as varchar) as amount_text, cast(amount as double) as amount_float, amount::int as amount_rounded,
    cast(id as bigint) as big_id, id::text as text_id, id::decimal(18,3) as decimal_id
from {{ ref('orders') }}

-- name: stg_orders_times
select
    id,
    date_trunc('month', ordered_at) as order_month,
    date_trunc('week', ordered_at) as order_week,
    date_trunc('day', ordered_at)::date as order_day,
    extract(hour from ordered_at) as order_hour,
    extract(dow from ordered_at) as order_dow,
    date_part('quarter', ordered_at) as order_quarter,
    strftime(ordered_at, '%Y-%m') as year_month,
    strftime(ordered_at, '%d.%m.%Y %H:%M') as german_time,
    epoch(ordered_at) as unix_seconds,
    ordered_at + interval '1 day' as next_day,
    ordered_at - interval 2 hours as two_hours_before,
    ordered_at + interval '1' month as next_month,
    ordered_at::date + 7 as next_week
from {{ ref('orders') }}

-- name: stg_orders_durations
select id, shipped_at - ordered_at as shipping_time, date_diff('hour', ordered_at, shipped_at) as shipping_hours,
    datediff('minute', ordered_at, shipped_at) as shipping_minutes,
    date_sub('day', ordered_at, shipped_at) as full_days,
    extract(epoch from (shipped_at - ordered_at)) as shipping_seconds,
    shipped_at > ordered_at + interval '3 days' as is_late
from {{ ref('orders') }}
where shipped_at >= ordered_at

-- name: stg_orders_deduplicated
select distinct customer_id, status, channel from {{ ref('orders') }}

-- name: stg_orders_text
select id, replace(note, ';', ',') as note, length(note) as note_length, left(note, 4) as head, right(note, 3) as tail,
    lpad(id::varchar, 6, '0') as padded, rpad(status, 10, '.') as dotted, reverse(channel) as mirrored,
    concat(status, '/', channel) as path, concat_ws('-', status, channel, currency) as full_path, status || ':' || coalesce(note, '') as tagged,
    repeat('*', least(id, 5)) as stars, ltrim(note) as l, rtrim(note) as r, btrim.b as b, substring(note from 2 for 3) as middle,
    starts_with(note, 'gift') as is_gift, contains(note, '%') as has_percent, ascii(channel) as code, chr(65 + id % 26) as letter,
    translate(channel, 'aeiou', '#####') as masked, overlaid.o
from {{ ref('orders') }}, lateral (select trim(both ' ' from note)) as btrim(b), lateral (select note[2:3]) as overlaid(o)

-- name: stg_orders_regexp
select id,
    regexp_replace(note, '[0-9]', '#', 'g') as masked_note,
    regexp_replace(note, '\s+', ' ') as single_spaced,
    regexp_extract(note, '(\d+)-(\d+)', 1) as area_code,
    regexp_extract_all(note, '[A-Za-z]+') as words,
    note ~ '.*[0-9].*' as has_digit,
    note !~ 'gift.*' as no_gift,
    note similar to '(gift|call).*' as known_start,
    note ilike '%GIFT%' as like_gift,
    note not like '%\%' escape '\' as no_percent_at_end,
    regexp_split_to_array(note, '[ ;-]+') as parts,
    regexp_full_match(channel, 'w.b') as is_web
from {{ ref('orders') }}

-- name: stg_events_json
select id, payload->'items' as items, payload->'$.items[0]' as first_item, payload->>'$.items[0].n' as first_count,
    json_array_length(payload, '$.items') as item_count, json_type(payload) as payload_type, json_exists(payload, '$.query') as is_search,
    json_extract(payload, 'url') as raw_url, (payload->>'ms')::varchar as ms_text, json_valid(payload::varchar) as is_valid,
    json_keys(payload) as keys
from {{ ref('events') }}

-- name: stg_events_url
with base as (
    select id, payload->>'url' as url from {{ ref('events') }}
)
select id, url, split_part(url, '?', 1) as path, nullif(split_part(url, '?', 2), '') as query_string,
    regexp_extract(url, 'utm_source=([^&]*)', 1) as utm_source, string_split(url, '/') as segments, str_split(url, '/')[2] as first_segment,
    string_to_array(url, '/') as pg_segments
from base where url is not null

-- name: stg_customers_attributes
select id, (attributes->>'vip')::boolean as is_vip, cast(attributes->>'score' as double) as score,
    attributes->'langs'->>0 as first_language, attributes->>'$.address.city' as city,
    from_json(attributes->'langs', '["VARCHAR"]') as languages
from {{ ref('customers') }} where attributes is not null

-- name: stg_products_labels
select id, labels, len(labels) as label_count, list_contains(labels, 'sale') as on_sale, labels[1] as first_label, labels[-1] as last_label,
    array_to_string(labels, '|') as label_text, list_sort(labels) as sorted_labels, list_distinct(labels) as distinct_labels,
    coalesce(labels, []) as labels_or_empty, labels || ['all'] as with_all, 'new' in labels as is_new, list_position(labels, 'eco') as eco_at
from {{ ref('products') }}

-- name: stg_products_unnested
select id as product_id, unnest(labels) as label from {{ ref('products') }}

-- name: stg_events_scores
select id, list_sum(scores) as total, list_avg(scores) as mean, list_min(scores) as lowest, list_max(scores) as highest,
    list_transform(scores, lambda x: x * 2) as doubled, list_filter(scores, lambda s: s > 1) as above_one,
    [s + 1 for s in scores if s is not null] as plus_one, list_reduce(list_filter(coalesce(scores, []) || [0], lambda s: s is not null), lambda a, b: a + b) as reduced,
    array_length(scores) as n, scores[1:2] as first_two, list_reverse(scores) as backwards, list_count(scores) as known
from {{ ref('events') }}

-- name: stg_surrogate_keys
select md5(coalesce(cast(order_id as varchar), '_null_') || '-' || coalesce(cast(line_no as varchar), '_null_')) as order_line_sk,
    sha256(order_id::varchar) as order_hash, order_id, line_no
from {{ ref('order_lines') }}

-- name: stg_nulls_and_defaults
select id, coalesce(name, email, 'nobody') as display_name, nullif(trim(name), '') as name, ifnull(segment, 'none') as segment,
    greatest(credit_limit, 10) as at_least_ten, least(credit_limit, 100, referred_by) as at_most, nvl.x as nvl
from {{ ref('customers') }} left join (select 1 as x) as nvl on true

-- name: stg_numbers
select id, round(amount, 1) as r1, round(amount) as r0, ceil(amount) as c, floor(amount) as f, trunc(amount) as t, abs(amount - 50) as a,
    amount % 7 as m, mod(id, 4) as m4, power(id, 2) as p, sqrt(amount) as s, sign(amount - 30) as sg, amount / 3 as third, id // 2 as half,
    amount::decimal(12, 4) / 7 as seventh, (amount * 1.19)::decimal(10, 2) as gross, -amount as negative, amount ** 2 as squared, id & 1 as odd, id << 1 as twice
from {{ ref('orders') }}

-- name: stg_employees
select id as employee_id, name as employee_name, manager_id, upper(department[1]) || lower(substr(department, 2)) as department, salary,
    date_part('year', hired_on) as hire_year
from {{ ref('employees') }}

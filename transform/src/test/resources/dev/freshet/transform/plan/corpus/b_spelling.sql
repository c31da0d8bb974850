-- The same things in other spellings: quoting, comments, commas, aliases, intervals, casts, PostgreSQL's and DuckDB's own names.

-- name: spell_trailing_comma
select
    id,
    customer_id,
    amount,
from {{ ref('orders') }}
where amount > 20

-- name: spell_leading_commas
select
      o.id
    , o.status
    , o.amount
    , c.name
from {{ ref('orders') }} o
left join {{ ref('customers') }} c
    on c.id = o.customer_id

-- name: spell_semicolon
select id, status from {{ ref('orders') }} where status = 'placed';

-- name: spell_comments
-- what was ordered /* and paid */
select /* the key */ id, -- the status; may be 'odd'
    status, /* nested /* comment */ still */ amount
from /* here */ {{ ref('orders') }} -- orders
/* only large ones: -- not a comment */
where amount > 5 -- end

-- name: spell_mixed_case
SeLeCt Id, STATUS, aMount AS "Amount (€)" FrOm {{ ref('orders') }} As O wHeRe o.AMOUNT Is Not Null

-- name: spell_quoted_aliases
select id as "Order Id", status as "select", amount as "group by", currency as "a""b", channel as "x.y", note as "übung" from {{ ref('orders') }}

-- name: spell_quoted_source_column
select p.id, p."Unit Cost", p.price - p."Unit Cost" as "margin %" from {{ ref('products') }} as p where p."Unit Cost" is not null

-- name: spell_table_name_as_qualifier
select {{ ref('orders') }}.id, orders.status from {{ ref('orders') }} where orders.amount > 10

-- name: spell_no_as
select o.id order_key, o.amount value_eur, c.country land from {{ ref('orders') }} o join {{ ref('customers') }} c on o.customer_id = c.id

-- name: spell_prefix_alias
select order_key: id, total: amount * 2, state: upper(status) from {{ ref('orders') }}

-- name: spell_from_first
from {{ ref('orders') }} select id, amount where amount is not null

-- name: spell_from_only
from {{ ref('quotas') }}

-- name: spell_from_first_alias
from o: {{ ref('orders') }} select o.id, o.status

-- name: spell_semi_structured_dots
select c.attributes.vip::varchar as vip, c.id from (select id, {'vip': (attributes->>'vip')::boolean, 'id': id} as attributes from {{ ref('customers') }}) as c

-- name: spell_lateral_alias
select id, amount * 2 as doubled, doubled + 1 as doubled_plus, upper(status) as st, st || '!' as shout from {{ ref('orders') }}

-- name: spell_alias_in_where
select id, coalesce(amount, 0) - coalesce(discount, 0) as net from {{ ref('orders') }} where net > 20

-- name: spell_alias_in_group_by
select date_trunc('month', ordered_at) as month, count(*) as orders, sum(amount) as revenue from {{ ref('orders') }} group by month having revenue > 0 order by month

-- name: spell_alias_shadows_column
select id, upper(status) as status from {{ ref('orders') }} where status = 'placed' order by status

-- name: spell_positional_group
select customer_id, status, count(*) n from {{ ref('orders') }} group by 1, 2 order by 3 desc, 1, 2

-- name: spell_group_by_all
select channel, currency, sum(amount) as amount, count(*) as orders from {{ ref('orders') }} group by all order by all

-- name: spell_group_by_all_expression
select upper(currency) as currency, extract(month from ordered_at) as m, max(amount) as biggest from {{ ref('orders') }} group by all

-- name: spell_cast_forms
select id, cast(amount as int) as a, amount::integer as b, integer '7' as c, int4 '8' as d, amount::numeric(12, 1) as e, amount::float8 as f,
    id::int8 as g, status::text as h, ordered_at::timestamp with time zone as i, cast(ordered_at as date) as j, '2026-01-02'::date as k,
    date '2026-01-03' as l, timestamp '2026-01-03 04:05:06' as m, true::int as n, cast(null as varchar) as o
from {{ ref('orders') }}

-- name: spell_intervals
select id,
    ordered_at + interval '1 day' as a, ordered_at + interval 1 day as b, ordered_at + interval (id) hour as c,
    ordered_at + interval '1' day as d, ordered_at + interval '1 day 2 hours' as e, ordered_at - interval '90 minutes' as f,
    ordered_at + to_days(id) as g, ordered_at + to_hours(3) as h, ordered_at + id * interval '1 hour' as i,
    ordered_at + interval '1 month -1 day' as j, ordered_at + '1 week'::interval as k, date_add(ordered_at, interval '3 months') as l,
    ordered_at + make_interval.v as m, ordered_at + interval 1 year as n
from {{ ref('orders') }}, (select interval '2 weeks' as v) as make_interval

-- name: spell_interval_compare
select id, shipped_at - ordered_at > interval '24 hours' as slow, (shipped_at - ordered_at) < interval 3 days as quick,
    datepart('day', shipped_at - ordered_at) as days from {{ ref('orders') }} where shipped_at is not null

-- name: spell_date_functions
select id, year(ordered_at) as y, month(ordered_at) as m, day(ordered_at) as d, hour(ordered_at) as h, minute(ordered_at) as mi,
    quarter(ordered_at) as q, week(ordered_at) as w, weekday(ordered_at) as wd, isodow(ordered_at) as iso, yearweek(ordered_at) as yw,
    last_day(ordered_at) as ld, dayofyear(ordered_at) as doy, datetrunc('quarter', ordered_at) as dq, date_part('epoch', ordered_at) as ep,
    century(ordered_at) as ce, monthname(ordered_at) as mn, to_timestamp(id * 1000) as ts, make_date(2026, 1, id % 28 + 1) as md,
    make_timestamp(2026, 2, 3, id % 24, 5, 6.5) as mt, date_diff('month', ordered_at, timestamp '2026-12-31') as months_left
from {{ ref('orders') }}

-- name: spell_extract_parts
select id, extract(year from ordered_at) as y, extract('month' from ordered_at) as m, extract(quarter from ordered_at) as q,
    extract(week from ordered_at) as w, extract(isodow from ordered_at) as i, extract(second from ordered_at) as s,
    extract(millisecond from ordered_at) as ms, date_part(['year', 'month'], ordered_at)::varchar as both_parts
from {{ ref('orders') }}

-- name: spell_time_zones
select id, paid_at at time zone 'Europe/Berlin' as berlin, (paid_at at time zone 'UTC')::date as utc_day,
    timezone('America/New_York', paid_at) as new_york, date_trunc('day', paid_at at time zone 'Asia/Tokyo') as tokyo_day, paid_at::timestamptz as same
from {{ ref('payments') }}

-- name: spell_strftime_strptime
select id, strftime(ordered_at, '%Y%m%d')::int as date_key, strftime('%H', ordered_at) as hh, strptime('2026-0' || (id % 9 + 1) || '-01', '%Y-%m-%d') as parsed,
    try_strptime(note, '%Y-%m-%d') as tried, strftime(ordered_at, '%G-W%V') as iso_week from {{ ref('orders') }}

-- name: spell_pg_functions
select id, char_length(note) as a, octet_length(encode(note)) as b, lower(note) as c, substr(note, 2, 3) as d, strpos(note, ';') as e,
    split_part(note, ' ', 1) as f, string_to_array(coalesce(note, ''), ' ') as g, regexp_replace(note, 'a', 'b', 'gi') as h,
    array_length(string_split(note, ' ')) as i, to_base(id, 2) as j, format('{}-{}', id, status) as k, printf('%05d', id) as l,
    quote_literal.v as m, bit_length(note) as n, md5(note) as o, coalesce(note, '') ^@ 'gift' as p
from {{ ref('orders') }}, (values ('q')) as quote_literal(v)

-- name: spell_is_distinct_from
select a.id, b.id as referrer, a.country is distinct from b.country as moved, a.segment is not distinct from b.segment as same_segment
from {{ ref('customers') }} a left join {{ ref('customers') }} b on a.referred_by is not distinct from b.id

-- name: spell_between_forms
select id, amount between 10 and 20 as a, amount not between 10 and 20 as b, ordered_at between '2026-01-10' and '2026-02-10' as c from {{ ref('orders') }}
where id between 5 and 50 and ordered_at::date between date '2026-01-01' and date '2026-12-31'

-- name: spell_in_lists
select id, status in ('placed', 'shipped') as open, status not in ('returned') as kept, id in (1, 2, 3) as first_three, (status, channel) in (('placed', 'web'), ('shipped', 'app')) as pairs
from {{ ref('orders') }}

-- name: spell_boolean_tests
select id, is_active is true as a, is_active is not true as b, is_active is false as c, is_active is null as d, is_active isnull as e, name notnull as f,
    is_active = true as g, not is_active as h, is_active and credit_limit > 10 as i, is_active or segment = 'b2b' as j from {{ ref('customers') }}

-- name: spell_case_nested
select id, case when status in ('placed', 'shipped') then case channel when 'web' then 1 when 'app' then 2 else 3 end when status is null then null else -1 end as score,
    case when true then amount end as amount from {{ ref('orders') }}

-- name: spell_like_all_any
select id, list_has_any([status], ['placed', 'shipped']) as known, note like '%\_%' escape '\' as underscore, name_.n as n from {{ ref('orders') }},
    (select 'x' as n) as name_ where channel = any(array['web', 'app']) or 3 <> all([1, 2])

-- name: spell_glob
select id, status glob 'pl*' as placed, sku_like.v as v from {{ ref('orders') }}, (select 1) as sku_like(v) where channel glob '[aw]*'

-- name: spell_order_by_nulls
select id, amount from {{ ref('orders') }} order by amount desc nulls last, id asc nulls first

-- name: spell_unicode
select id, name as "名前", length(name) as länge, case when name = '李雷' then 'δ' else '—' end as zeichen, 'Straße' || chr(228)  as straße from {{ ref('customers') }}

-- name: spell_escape_strings
select id, e'tab\there' as a, 'it''s' as b, $$dollar 'quoted'$$ as c, $tag$with $$ inside$tag$ as d, '' as e, 'a'
    'b' as f from {{ ref('orders') }}

-- name: spell_numbers
select id, 1e3 as a, .5 as b, 1_000_000 as c, 31 as d, -id as e, +id as f, 10 / 4 as g, 10 // 4 as h, 10 % 4 as i, 1.50 as j, factorial(5) as k, 2 ^ 3 as l, ~id as m, abs(id - 10) as n
from {{ ref('orders') }}

-- name: spell_struct_literal
select id, {'s': status, 'a': amount}.a as amount, struct_pack(x := id, y := status).y as y, row(id, status)::varchar as r,
    struct_extract({'k': id}, 'k') as k, to_json({'id': id, 'tags': [status, channel]}) as document from {{ ref('orders') }}

-- name: spell_map_literal
select id, map {'web': 1, 'app': 2}[channel] as code, map(['a', 'b'], [id, 0])['a'] as a, map_keys(map {'k': id}) as ks, cardinality(map {'x': 1, 'y': 2}) as n,
    element_at(map {'placed': 'P'}, status) as letter from {{ ref('orders') }}

-- name: spell_list_literal
select id, [id, id + 1, null] as three, array[status, channel] as texts, list_value(1, 2) as pair, []::int[] as nothing, [1, 2, 3][2] as second, [x for x in [1, 2, 3] if x > 1] as some
from {{ ref('orders') }}

-- name: spell_json_build
select id, json_object('id', id, 'status', status) as a, json_array(id, amount) as b, to_json(status) as c, json_quote(status) as d, ('{"x": ' || id || '}')::json as e,
    json_merge_patch('{"a": 1}', '{"b": 2}')::varchar as f from {{ ref('orders') }}

-- name: spell_bitstring_and_hash
select id, hash(status, channel) as h, md5_number_lower.v as m, bit_count(id) as bits, xor(id, 5) as x, hash(id)::varchar as ht
from {{ ref('orders') }}, (select 1 as v) md5_number_lower

-- name: spell_method_chaining
select id, status.upper().replace('E', '3') as leet, note.trim().length() as n, ('a' || channel).upper() as c from {{ ref('orders') }}

-- name: spell_ternary_null_logic
select id, amount > discount as bigger, amount > null as unknown, coalesce(amount > discount, false) as sure, nullif(amount, discount) as differs, not (amount > 5 and discount is null) as n
from {{ ref('orders') }}

-- name: spell_parenthesised_select
(select id, status from {{ ref('orders') }} where amount > 3)

-- name: spell_values_with_alias
select v.code, v.label, o.n from (values ('placed', 'Placed'), ('shipped', 'On its way'), ('returned', 'Back')) as v(code, label)
left join (select status, count(*) as n from {{ ref('orders') }} group by status) as o on o.status = v.code

-- name: spell_with_values
with statuses(code, rank) as (values ('placed', 1), ('shipped', 2), ('returned', 3))
select o.id, s.rank from {{ ref('orders') }} o join statuses s on s.code = trim(o.status)

-- name: spell_with_materialized
with big as materialized (select * from {{ ref('orders') }} where amount > 30), small as not materialized (select * from {{ ref('orders') }} where amount <= 30)
select b.id, s.id as other from big b join small s using (customer_id)

-- name: spell_redundant_parentheses
select ((id)) as id, (((amount) + (1))) as a from (({{ ref('orders') }})) as o where ((amount) > (1)) and (((id))) < 50

-- name: spell_not_precedence
select id from {{ ref('orders') }} where not status = 'placed' and not (amount > 50 or amount is null) or id = 1

-- name: spell_collate
select id, name from {{ ref('customers') }} where name collate nocase = 'ADA LOVELACE' order by name collate nocase, id

-- name: spell_column_alias_list
select k, s from {{ ref('orders') }} as o(k, c, s) where c is not null

-- name: spell_using_list
select order_id, product_id, quantity, tag from {{ ref('order_lines') }} join {{ ref('order_tags') }} using (order_id)

-- name: spell_natural_join
select * from (select id as order_id, status from {{ ref('orders') }}) natural join (select order_id, tag from {{ ref('order_tags') }})

-- name: spell_dbt_filters
select * from {{ ref('orders') }} where true and 1 = 1 and not false and (status is not null)

-- DuckDB's own ways.

-- name: duck_exclude
select * exclude (attributes, referred_by) from {{ ref('customers') }}

-- name: duck_exclude_without_parentheses
select * exclude note from {{ ref('orders') }}

-- name: duck_exclude_of_alias
select o.* exclude (note, discount), c.country from {{ ref('orders') }} o left join {{ ref('customers') }} c on c.id = o.customer_id

-- name: duck_replace
select * replace (upper(status) as status, coalesce(amount, 0) as amount) from {{ ref('orders') }}

-- name: duck_rename
select * rename (id as order_id, amount as order_amount) from {{ ref('orders') }}

-- name: duck_exclude_replace
select * exclude (note) replace (trim(status) as status) from {{ ref('orders') }}

-- name: duck_columns_regex
select id, columns('.*_at') from {{ ref('orders') }}

-- name: duck_columns_lambda
select columns(lambda c: c like 'q%') from {{ ref('quotas') }}

-- name: duck_columns_function
select region, coalesce(columns(['q1', 'q2']), 0) from {{ ref('quotas') }}

-- name: duck_columns_aggregate
select min(columns(* exclude (attributes))) from {{ ref('customers') }}

-- name: duck_unpacked_columns
select region, greatest(*columns('q.')) as best from {{ ref('quotas') }}

-- name: duck_star_like
select * like 'q%' from {{ ref('quotas') }}

-- name: duck_from_first_group
from {{ ref('orders') }} select channel, count(*) as n group by channel

-- name: duck_from_first_where
from {{ ref('orders') }} where amount > 10

-- name: duck_order_by_all
select status, channel from {{ ref('orders') }} group by all order by all desc

-- name: duck_pivot_statement
pivot (select customer_id, status, amount from {{ ref('orders') }}) on status in ('placed', 'shipped', 'returned') using sum(amount) group by customer_id

-- name: duck_pivot_sql
select * from (select channel, status, amount from {{ ref('orders') }}) pivot (sum(amount) as total, count(*) as n for status in ('placed', 'shipped') group by channel)

-- name: duck_pivot_in_cte
with p as (pivot {{ ref('order_tags') }} on tag in ('vip', 'rush') using count(*) group by order_id) select * from p

-- name: duck_unpivot_statement
unpivot {{ ref('quotas') }} on q1, q2, q3, q4 into name quarter value amount

-- name: duck_unpivot_sql
select * from {{ ref('quotas') }} unpivot (amount for quarter in (q1, q2, q3, q4))

-- name: duck_unpivot_nulls
select region, quarter, amount from {{ ref('quotas') }} unpivot include nulls (amount for quarter in (q1 as 'first', q2 as 'second'))

-- name: duck_unpivot_in_cte
with u as (select * from {{ ref('quotas') }} unpivot (amount for quarter in (q1, q2, q3, q4))) select quarter, sum(amount) as amount from u group by quarter

-- name: duck_distinct_on_expression
select distinct on (customer_id, channel) customer_id, channel, id from {{ ref('orders') }} order by customer_id, channel, id

-- name: duck_qualify_without_window_clause
select id, customer_id from {{ ref('orders') }} qualify count(*) over (partition by customer_id) > 2

-- name: duck_struct_pack
with s as (select id, {'amount': amount, 'status': status} as details from {{ ref('orders') }}) select id, details.amount, details['status'] as status from s

-- name: duck_struct_star
with s as (select id, {'amount': amount, 'state': status} as details from {{ ref('orders') }}) select id, details.* from s

-- name: duck_unnest_struct
with s as (select id, {'amount': amount, 'state': status} as details from {{ ref('orders') }}) select id, unnest(details) from s

-- name: duck_unnest_two
select id, unnest(scores) as score, unnest(list_transform(scores, lambda x: x + 1)) as next_score from {{ ref('events') }}

-- name: duck_unnest_with_position
select id, unnest(scores) as score, generate_subscripts(scores, 1) as position from {{ ref('events') }}

-- name: duck_unnest_string_split
select id, trim(word) as word from (select id, unnest(string_split(note, ' ')) as word from {{ ref('orders') }}) where word <> ''

-- name: duck_unnest_lateral_position
select e.id, u.score, u.position from {{ ref('events') }} e, unnest(e.scores) with ordinality as u(score, position)

-- name: duck_list_aggregates
select id, list_aggregate(scores, 'sum') as s, list_unique(scores) as u, list_any_value(scores) as a, array_slice(scores, 1, 2) as sl, list_contains(scores, 4) as four, flatten([scores, [0]]) as flat, list_zip(scores, scores)::varchar as z, range(2) as r, list_has_any(scores, [1, 5]) as h from {{ ref('events') }}

-- name: duck_list_lambda_index
select id, list_transform(scores, lambda x, i: x * i) as weighted, list_sum(list_transform(list_filter(scores, lambda x: x is not null), lambda x: x + len(scores))) as s from {{ ref('events') }}

-- name: duck_list_comprehension
select id, [upper(l) for l in labels if l <> 'sale'] as others, list_concat(labels, ['x']) as longer, list_sort(labels, 'desc', 'nulls last') as sorted from {{ ref('products') }}

-- name: duck_lambda_captures_column
select id, list_filter(scores, lambda s: s > customer_id) as above, list_transform([1, 2], lambda n: n * id) as multiples from {{ ref('events') }}

-- name: duck_map_access
with m as (select id, map {'web': 1, 'app': 2} as codes, channel from {{ ref('orders') }}) select id, codes[channel] as code, map_values(codes) as all_codes from m

-- name: duck_map_from_lists
select customer_id, map(list(id order by id), list(status order by id))::varchar as by_id, map_keys(map(list(id order by id), list(amount order by id)))[1] as first_id from {{ ref('orders') }} group by customer_id

-- name: duck_json_path
select id, payload->'$.items[*].sku' as skus, payload->>'$.items[#-1].n' as last_n, payload['url'] as u, json_extract(payload, ['url', 'ms']) as two, payload->'url'->>'$' as url from {{ ref('events') }}

-- name: duck_json_transform
select id, json_transform(payload, '{"url": "VARCHAR"}').url as url, json_contains(payload, '"/"') as home, payload::varchar like '%utm%' as tagged from {{ ref('events') }}

-- name: duck_json_each
select e.id, j.key, j.value::varchar as value from {{ ref('events') }} e, json_each(e.payload) j

-- name: duck_try
select id, try(1 / (id - id)) as t, try_cast(status as int) as s, try_cast('2026-02-30' as date) as d from {{ ref('orders') }}

-- name: duck_asof_using
select * from (select currency, ordered_at::date as day, id from {{ ref('orders') }}) asof join {{ ref('rates') }} using (currency, day)

-- name: duck_values_table
select * from (values (1, 'one'), (2, 'two')) as v(n, word) join {{ ref('orders') }} o on o.id = v.n

-- name: duck_from_values_join
from (values ('web'), ('app')) as c(channel) left join {{ ref('orders') }} o using (channel) select channel, count(o.id) as n group by channel

-- name: duck_sample
-- undetermined: rows
select id from {{ ref('orders') }} using sample 50 percent (bernoulli)

-- name: duck_tablesample
-- undetermined: rows
select id from {{ ref('orders') }} tablesample reservoir(5)

-- name: duck_row_type
select o::varchar as whole_row, o.id from {{ ref('orders') }} o

-- name: duck_hash_sampling
select * from {{ ref('customers') }} where hash(id) % 10 < 4

-- name: duck_enum_cast
select id, status::enum('placed', 'shipped', 'returned', 'cancelled', 'Shipped ') as status from {{ ref('orders') }} where status is not null

-- name: duck_union_type
select id, union_extract(union_value(num := id), 'num') as n, typeof(amount) as t from {{ ref('orders') }}

-- name: duck_generate_series_list
select id, generate_series(1, id % 4) as steps, list_sum(range(id % 5)) as triangle from {{ ref('orders') }}

-- name: duck_format_bytes
select id, bar(id, 0, 60, 10) as chart, format('{:,}', id * 1000) as grouped, format_bytes.v as v, levenshtein(status, 'placed') as distance, jaccard(coalesce(channel, 'x'), 'web') > 0.5 as similar_, soundex.v as s
from {{ ref('orders') }}, (select 1 as v) format_bytes, (select 2 as v) soundex

-- name: duck_group_by_with_alias_star
select c.*, o.n from {{ ref('customers') }} c left join (from {{ ref('orders') }} select customer_id, n: count(*) group by all) o on o.customer_id = c.id

-- name: duck_qualified_exclude
select * exclude (o.note, c.id) from (select id, customer_id, note from {{ ref('orders') }}) o join (select id, country from {{ ref('customers') }}) c on c.id = o.customer_id

-- name: duck_summing_star_count
select count(*), count() as n, count(columns('q1')) as q from {{ ref('quotas') }}

-- name: duck_positional_reference
select #1 as first_column, #2 as second_column from {{ ref('order_tags') }}

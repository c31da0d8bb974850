-- Which pages are looked at, by customer segment. No `unique_key`: equal rows occur, and how often they occur is the point.
select
    {{ utc_date('v.viewed_at') }} as viewed_on,
    v.path,
    c.segment
from {{ source('shop', 'page_views') }} as v
left join {{ source('crm', 'customers') }} as c on c.customer_id = v.customer_id

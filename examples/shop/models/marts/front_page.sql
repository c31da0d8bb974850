{{ config(unique_key='slot') }}

-- The products on the front page. The shop empties and refills its list; nobody ever sees half of it here.
select
    f.slot,
    f.shown_until,
    p.product_id,
    p.sku,
    p.name,
    p.price,
    p.attributes,
    json_extract_string(p.attributes, '$.colour') as colour,
    p.description
from {{ source('shop', 'featured_products') }} as f
join {{ source('shop', 'products') }} as p on p.product_id = f.product_id
where p.active

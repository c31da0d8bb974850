-- A first model: replace it by your own. It is kept fresh by deltas, without is_incremental().
select *
from {{ source('app', 'orders') }}

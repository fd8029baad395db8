-- The newest generation of each series from one launch to the next.
with launch as (
  select series, launch_at::date as from_day, max(generation) as generation
  from products
  where series is not null and generation > 0 and launch_at is not null
  group by series, launch_at::date
)
select
  series,
  from_day,
  coalesce(lead(from_day) over (partition by series order by from_day), date '9999-12-31') as to_day,
  max(generation) over (partition by series order by from_day)::bigint as newest
from launch

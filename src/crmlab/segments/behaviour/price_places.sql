-- Where each product stands among the models of its series and generation, in ten-thousandths from the cheapest, from one launch of
-- such a model to the next. Across series a price says what work a machine is for, not how much more than needed was paid.
with listed as (
  select
    product_id, list_price, category,
    coalesce(series, '') as series, coalesce(generation, -1) as generation,
    coalesce(launch_at::date, date '1900-01-01') as launched
  from products
  where list_price is not null and category is not null
),
launch as (
  select distinct category, series, generation, launched as from_day from listed
),
span as (
  select
    category, series, generation, from_day,
    coalesce(lead(from_day) over (partition by category, series, generation order by from_day), date '9999-12-31') as to_day
  from launch
),
placed as (
  select
    l.product_id, s.from_day, s.to_day,
    count(*) over (partition by s.category, s.series, s.generation, s.from_day) as models,
    count(*) over (partition by s.category, s.series, s.generation, s.from_day order by l.list_price) as up_to
  from span s
  join listed l
    on l.category = s.category and l.series = s.series and l.generation = s.generation and l.launched <= s.from_day
)
select product_id, from_day, to_day, ((10000 * (up_to - 1)) // (models - 1))::bigint as place
from placed
where models > 1

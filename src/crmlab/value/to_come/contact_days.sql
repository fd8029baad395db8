-- Days up to $as_of on which each customer bought or called: how many after the first, and when the first and the last were.
with day as (
  select customer_id, reported_at::date as day from tickets where customer_id is not null and reported_at::date <= ($as_of)::date
  union
  select customer_id, sold_at::date as day from sales
  where customer_id is not null and sold_at::date <= ($as_of)::date and not coalesce(is_return, false)
)
select
  customer_id,
  (count(*) - 1)::bigint as frequency,
  date_diff('day', min(day), max(day))::bigint as recency,
  date_diff('day', min(day), ($as_of)::date)::bigint as "T",
  max(day) as last_day
from day
group by customer_id
order by customer_id

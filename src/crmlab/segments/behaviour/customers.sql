-- Every customer with a sale or ticket up to the month $last, the day of its first, and a number in the order of the ids.
with record as (
  select customer_id, day from lines
  union all
  select customer_id, reported_at::date as day
  from tickets
  where customer_id is not null and year(reported_at) * 12 + month(reported_at) <= ($last)::int
)
select
  customer_id,
  min(day) as first_day,
  (row_number() over (order by customer_id) - 1)::bigint as number
from record
group by customer_id
order by customer_id

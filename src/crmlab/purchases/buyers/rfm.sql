-- One row per customer who had bought by $as_of: frequency, recency and T in units of $unit days, and what was spent.
select
  customer_id,
  min(day) filter (where amount > 0) as first_at,
  max(day) filter (where amount > 0) as last_at,
  (count(*) filter (where amount > 0) - 1)::bigint as frequency,
  (max(period) filter (where amount > 0) - min(period) filter (where amount > 0))::bigint as recency,
  (date_diff('day', date '1900-01-01', ($as_of)::date) // ($unit)::int - min(period) filter (where amount > 0))::bigint as T,
  sum(amount)::bigint as amount,
  count(*) filter (where amount > 0 and day > ($since)::date)::bigint as lately
from purchase_days
group by customer_id
having count(*) filter (where amount > 0) > 0
order by customer_id

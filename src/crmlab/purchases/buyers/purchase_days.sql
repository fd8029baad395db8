-- One row per customer and day (or week) of purchase up to $as_of: what was bought then, less what came back of it.
-- A return takes back from the latest earlier day on which the customer bought that product, else bought anything. A day of
-- which nothing is left (amount <= 0) is no purchase; its row stays, so that no money is lost.
with line as (
  select
    s.customer_id, s.product_id, s.sold_at::date as day, s.amount,
    coalesce(s.is_return, false) or s.amount < 0 as is_back
  from sales s
  where s.customer_id is not null
    and s.amount is not null
    and s.sold_at::date <= ($as_of)::date
    and contains($kinds, '|' || coalesce(s.line_kind, 'product') || '|')
),
dated as (
  select
    customer_id, amount, is_back, day,
    max(case when not is_back then day end) over (partition by customer_id, product_id order by day) as day_of_product,
    max(case when not is_back then day end) over (partition by customer_id order by day) as day_of_any
  from line
),
netted as (
  select
    customer_id, amount,
    case when is_back then coalesce(day_of_product, day_of_any) else day end as day
  from dated
)
select
  customer_id,
  -- 1 January 1900 was a Monday, so weeks are those of the calendar.
  (date_diff('day', date '1900-01-01', day) // ($unit)::int)::bigint as period,
  min(day) as day,
  sum(amount)::bigint as amount
from netted
where day is not null
group by customer_id, date_diff('day', date '1900-01-01', day) // ($unit)::int

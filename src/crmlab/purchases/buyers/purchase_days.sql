-- One row per customer and day (or week) of purchase up to $as_of: what was bought then, less what came back of it.
-- A return takes back from the latest earlier day on which the customer bought that product, else bought anything. A day of
-- which nothing is left (amount <= 0) is no purchase; its row stays, so that no money is lost.
-- Returns are few: only they look for their day, and the other lines are never sorted.
with line as (
  select
    s.customer_id, coalesce(s.product_id, '') as product_id, s.sold_at::date as day, s.amount,
    coalesce(s.is_return, false) or s.amount < 0 as is_back
  from sales s
  where s.customer_id is not null
    and s.amount is not null
    and s.sold_at::date <= ($as_of)::date
    and contains($kinds, '|' || coalesce(s.line_kind, 'product') || '|')
),
back as (
  select customer_id, product_id, day, sum(amount)::bigint as amount from line where is_back group by customer_id, product_id, day
),
product_day as (
  select distinct l.customer_id, l.product_id, l.day
  from line l semi join back b on b.customer_id = l.customer_id and b.product_id = l.product_id
  where not l.is_back
),
of_product as (
  select b.customer_id, b.product_id, b.day, b.amount, max(p.day) as bought
  from back b
  left join product_day p on p.customer_id = b.customer_id and p.product_id = b.product_id and p.day <= b.day
  group by b.customer_id, b.product_id, b.day, b.amount
),
alone as (
  select customer_id, day, sum(amount)::bigint as amount from of_product where bought is null group by customer_id, day
),
any_day as (
  select distinct l.customer_id, l.day
  from line l semi join alone a on a.customer_id = l.customer_id
  where not l.is_back
),
of_any as (
  select a.customer_id, a.day, a.amount, max(d.day) as bought
  from alone a join any_day d on d.customer_id = a.customer_id and d.day <= a.day
  group by a.customer_id, a.day, a.amount
),
netted as (
  select customer_id, day, amount from line where not is_back
  union all
  select customer_id, bought as day, amount from of_product where bought is not null
  union all
  select customer_id, bought as day, amount from of_any
)
select
  customer_id,
  -- 1 January 1900 was a Monday, so weeks are those of the calendar.
  (date_diff('day', date '1900-01-01', day) // ($unit)::int)::bigint as period,
  min(day) as day,
  sum(amount)::bigint as amount
from netted
group by customer_id, date_diff('day', date '1900-01-01', day) // ($unit)::int

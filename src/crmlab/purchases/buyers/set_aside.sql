-- Returns before which the customer had bought nothing on record: nothing can be taken back from. And lines of nobody.
with line as (
  select
    s.customer_id, s.sold_at, s.amount,
    coalesce(s.is_return, false) or s.amount < 0 as is_back,
    contains($kinds, '|' || coalesce(s.line_kind, 'product') || '|') as is_counted
  from sales s
  where s.sold_at::date <= ($as_of)::date
),
dated as (
  select
    customer_id, amount, is_back,
    max(case when not is_back then sold_at::date end) over (partition by customer_id order by sold_at::date) as bought
  from line
  where is_counted and customer_id is not null and amount is not null
)
select
  count(*) filter (where is_back and bought is null)::bigint as alone,
  coalesce(sum(amount) filter (where is_back and bought is null), 0)::bigint as alone_amount,
  (select count(*) from line where not is_counted)::bigint as other_kinds,
  (select count(*) from line where is_counted and customer_id is null)::bigint as no_customer
from dated

-- What each quotation counts for, for $months from its day.
with quote as (
  select customer_id, revisions, price_lock, year(quoted_at) * 12 + month(quoted_at) as month
  from quotes
  where customer_id is not null and quoted_at is not null
)
select
  customer_id, 'quote_rounds' as what, month as enters, month + ($months)::int as leaves, revisions as amount, 1 as times
from quote
where revisions is not null
union all
select
  customer_id, 'price_lock_share' as what, month as enters, month + ($months)::int as leaves,
  case when price_lock then 1 else 0 end as amount, 1 as times
from quote
where price_lock is not null

-- Contract lines with the term they pay for, and how much of their margin is earned by the end of $as_of: day by day over the term.
-- A line pays for a term of its customer and price: of the first days within half a year of it the nearest, and there the first line for
-- the first term. What comes back is taken from the term that ran, day by day like it. A later line never takes a term from an earlier
-- one, so that the books of a day stay as they are. A line without a term is earned when it is booked.
with term as (
  select
    contract_id, customer_id, amount, start_at::date as first_day, end_at::date as last_day,
    row_number() over (partition by customer_id, amount, start_at::date order by contract_id) as nth
  from contracts
  where amount > 0 and end_at >= start_at
),
moment as (
  select customer_id, abs(revenue) as amount, day, sale_id, is_back, null::date as first_day
  from lines
  where model = 'contracts' and revenue <> 0
  union all
  select customer_id, amount, first_day as day, null::varchar as sale_id, false as is_back, first_day
  from term
  where nth = 1
),
around as (
  select
    customer_id, amount, day, sale_id, is_back,
    max(first_day) over (partition by customer_id, amount order by day) as before,
    min(first_day) over (partition by customer_id, amount order by day desc) as after
  from moment
),
chosen as (
  select
    customer_id, amount, day, sale_id, is_back,
    case
      when is_back then before
      when date_diff('day', before, day) <= least(coalesce(date_diff('day', day, after), 183), 183) then before
      when date_diff('day', day, after) <= 183 then after
    end as first_day
  from around
  where sale_id is not null
),
numbered as (
  select
    customer_id, amount, sale_id, first_day,
    row_number() over (partition by customer_id, amount, first_day, is_back order by day, sale_id) as nth
  from chosen
  where first_day is not null
),
spread as (
  select
    l.sale_id, l.customer_id, l.margin, t.contract_id,
    case when t.contract_id is null then 1 else date_diff('day', t.first_day, t.last_day) + 1 end::bigint as days,
    case when t.contract_id is null then 1 else
      greatest(0, least(date_diff('day', t.first_day, t.last_day), date_diff('day', t.first_day, ($as_of)::date)) + 1)
    end::bigint as past
  from lines l
  left join numbered n on n.sale_id = l.sale_id
  left join term t on t.customer_id = n.customer_id and t.amount = n.amount and t.first_day = n.first_day and t.nth = n.nth
  where l.model = 'contracts'
)
select
  sale_id,
  customer_id,
  contract_id,
  margin::bigint as margin,
  -- Divided first: a price of 10^15 times the days of a term is no 64-bit integer.
  (case when margin < 0 then -1 else 1 end * (abs(margin) // days * past + abs(margin) % days * past // days))::bigint as earned
from spread

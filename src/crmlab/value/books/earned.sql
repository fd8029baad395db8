-- Contract lines with the term they pay for, and how much of their margin is earned by the end of $as_of: day by day over the term.
-- A line pays for the term of its customer and price whose first day is nearest, one line for one term; a line without a term is
-- earned when it is booked.
with near as (
  select
    l.sale_id, t.contract_id,
    row_number() over (partition by l.sale_id order by abs(date_diff('day', t.start_at::date, l.day)), t.contract_id) as of_line,
    row_number() over (partition by t.contract_id order by abs(date_diff('day', t.start_at::date, l.day)), l.sale_id) as of_term
  from lines l
  join contracts t on t.customer_id = l.customer_id and t.amount = l.revenue
  where l.model = 'contracts' and l.revenue > 0 and t.end_at >= t.start_at
),
pays as (
  select sale_id, contract_id from near where of_line = 1 and of_term = 1
),
spread as (
  select
    l.sale_id, l.customer_id, l.margin, p.contract_id,
    case when p.contract_id is null then 1 else date_diff('day', t.start_at::date, t.end_at::date) + 1 end::bigint as days,
    case when p.contract_id is null then 1 else
      greatest(0, least(date_diff('day', t.start_at::date, t.end_at::date), date_diff('day', t.start_at::date, ($as_of)::date)) + 1)
    end::bigint as past
  from lines l
  left join pays p on p.sale_id = l.sale_id
  left join contracts t on t.contract_id = p.contract_id
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

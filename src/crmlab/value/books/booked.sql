-- One row per line booked by the end of $as_of, at the margin that is known of it: as exported, else amount less cost, else a configured
-- share of the amount. Contracts that no line of the ledger invoices enter with their price on their first day, or they would bring
-- nothing. Nothing is joined that could double or lose a line: total.sql adds these up as they stand.
with invoiced as (
  select count(*) as n from sales where line_kind = 'contract'
),
line as (
  select
    s.sale_id, s.customer_id, s.product_id, s.sold_at::date as day, coalesce(s.line_kind, 'product') as line_kind,
    s.amount, coalesce(s.margin, s.amount - s.cost) as exact, s.qty
  from sales s
  where s.sold_at::date <= ($as_of)::date and s.amount is not null
  union all
  select
    c.contract_id as sale_id, c.customer_id, null::varchar as product_id, c.start_at::date as day, 'contract' as line_kind,
    c.amount, null::bigint as exact, 1.0 as qty
  from contracts c cross join invoiced i
  where i.n = 0 and c.start_at::date <= ($as_of)::date and c.amount is not null and c.end_at >= c.start_at
)
select
  b.sale_id,
  b.customer_id,
  b.product_id,
  b.day,
  b.line_kind,
  b.amount::bigint as revenue,
  -- In whole millionths, divided first: the share of an amount of 10^17 is no exact double and times a million no 64-bit integer.
  coalesce(
    b.exact,
    case when b.amount < 0 then -1 else 1 end * case when g.millionths < 0 then -1 else 1 end * (
      abs(b.amount) // 1000000 * abs(coalesce(g.millionths, 0))
      + (abs(b.amount) % 1000000 * abs(coalesce(g.millionths, 0)) + 500000) // 1000000
    )
  )::bigint as margin,
  b.exact is null as estimated,
  coalesce(b.qty, 1.0)::double as qty,
  b.amount < 0 as is_back
from line b
left join margins g on g.line_kind = b.line_kind

-- One row per sales line up to $as_of: the income model it belongs to, what it brought, and whether its margin is a configured share.
-- Contracts that no line of the ledger invoices enter with their price on their first day, or they would bring nothing.
with models as (
  select distinct machine_model as product_id from machines where machine_model <> ''
),
invoiced as (
  select count(*) as n from sales where line_kind = 'contract'
),
repaired as (
  select distinct customer_id, closed_at::date as day from tickets
  where billing = 'paid' and customer_id is not null and closed_at is not null and closed_at::date <= ($as_of)::date
),
repairs as (
  select distinct s.sale_id
  from sales s
  join repaired r on r.customer_id = s.customer_id
  where s.line_kind in ('service', 'part') and s.sold_at::date >= r.day and s.sold_at::date <= r.day + ($invoice_days)::int
),
booked as (
  select
    s.sale_id, s.customer_id, s.product_id, s.sold_at::date as day, coalesce(s.line_kind, 'product') as line_kind,
    s.amount, coalesce(s.margin, s.amount - s.cost) as exact, s.qty, s.amount < 0 as is_back
  from sales s
  where s.sold_at::date <= ($as_of)::date and s.amount is not null
  union all
  select
    c.contract_id as sale_id, c.customer_id, null::varchar as product_id, c.start_at::date as day, 'contract' as line_kind,
    c.amount, null::bigint as exact, 1.0 as qty, false as is_back
  from contracts c cross join invoiced i
  where i.n = 0 and c.start_at::date <= ($as_of)::date and c.amount is not null and c.end_at >= c.start_at
)
select
  b.sale_id,
  b.customer_id,
  b.product_id,
  b.day,
  b.line_kind,
  case
    when b.line_kind = 'contract' then 'contracts'
    when m.product_id is not null and b.line_kind = 'product' then 'machines'
    when r.sale_id is not null then 'repairs'
    when contains($counts, '|' || b.line_kind || '|') then 'purchases'
    else 'other'
  end as model,
  b.amount::bigint as revenue,
  coalesce(b.exact, round(b.amount * coalesce(g.share, 0.0))::bigint)::bigint as margin,
  b.exact is null as estimated,
  coalesce(b.qty, 1.0)::double as qty,
  b.is_back
from booked b
left join models m on m.product_id = b.product_id
left join repairs r on r.sale_id = b.sale_id
left join margins g on g.line_kind = b.line_kind

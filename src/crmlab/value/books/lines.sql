-- One row per line of booked.sql with the income model and the component that it belongs to.
-- A repair that the customer pays for is a line of service or parts within $invoice_days after one was closed.
with models as (
  select distinct machine_model as product_id from machines where machine_model <> ''
),
moment as (
  select customer_id, closed_at::date as day, null::varchar as sale_id, closed_at::date as repaired
  from tickets
  where billing = 'paid' and customer_id is not null and closed_at is not null
  union all
  select customer_id, day, sale_id, null::date as repaired
  from booked
  where line_kind in ('service', 'part') and customer_id is not null
),
latest as (
  select sale_id, day, max(repaired) over (partition by customer_id order by day) as repaired from moment
),
repairs as (
  select distinct sale_id from latest where sale_id is not null and repaired + ($invoice_days)::int >= day
),
sorted as (
  select
    b.*,
    case
      when b.line_kind = 'contract' then 'contracts'
      when m.product_id is not null and b.line_kind = 'product' then 'machines'
      when r.sale_id is not null and b.line_kind in ('service', 'part') then 'repairs'
      when contains($counts, '|' || b.line_kind || '|') then 'purchases'
      else 'other'
    end as model
  from booked b
  left join models m on m.product_id = b.product_id
  left join repairs r on r.sale_id = b.sale_id
)
select
  sale_id,
  customer_id,
  product_id,
  day,
  line_kind,
  model,
  case
    when model in ('contracts', 'machines', 'repairs') then model
    when model = 'purchases' and line_kind = 'product' then 'products'
    when model = 'purchases' and line_kind = 'service' then 'services'
    when model = 'purchases' and line_kind = 'part' then 'parts_sold'
    else 'other_sales'
  end as component,
  revenue,
  margin,
  estimated,
  qty,
  is_back
from sorted

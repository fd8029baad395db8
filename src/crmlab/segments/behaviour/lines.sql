-- Sales lines that tell what a customer chose: paid for and not returned, up to the month $last. Months are counted year * 12 + month.
-- `discount` is the share of the list price taken off, in ten-thousandths.
select
  s.customer_id,
  s.product_id,
  s.sold_at::date as day,
  (year(s.sold_at) * 12 + month(s.sold_at))::bigint as month,
  s.amount::bigint as amount,
  s.promo is not null as in_promotion,
  coalesce(s.line_kind, 'product') as line_kind,
  p.series,
  p.generation,
  p.launch_at::date as launched,
  case when p.category is not null then regexp_matches(lower(p.category), $capability) end as capability,
  case
    when s.rate is not null then round(s.rate * 10000)::bigint
    when coalesce(s.list_price, p.list_price) * s.qty > 0
      then round(10000 - 10000 * s.amount / (coalesce(s.list_price, p.list_price) * s.qty))::bigint
  end as discount
from sales s
left join products p on p.product_id = s.product_id
where s.customer_id is not null
  and s.amount > 0
  and not coalesce(s.is_return, false)
  and year(s.sold_at) * 12 + month(s.sold_at) <= ($last)::int

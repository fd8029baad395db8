-- What machines were sold for after $since: margin after returns, pieces and their list price, and how far single lines lie from it.
with line as (
  select l.margin, l.qty, l.is_back, p.list_price,
    case when p.list_price > 0 and not l.is_back and l.qty <> 0 then l.margin / (p.list_price * l.qty) end as ratio
  from lines l
  left join products p on p.product_id = l.product_id
  where l.model = 'machines' and l.day > ($since)::date
)
select
  coalesce(sum(margin), 0)::bigint as margin,
  coalesce(sum(qty) filter (where not is_back), 0)::double as qty,
  coalesce(sum(list_price * qty) filter (where not is_back), 0)::double as list_value,
  coalesce(sum(ratio), 0)::double as ratios,
  coalesce(sum(ratio * ratio), 0)::double as squares,
  count(ratio)::bigint as n
from line

-- How many sales lines fill each column that the stage could use, and how many products have a list price.
select
  count(*)::bigint as lines,
  count(cost)::bigint as cost,
  count(margin)::bigint as margin,
  count(rate)::bigint as rate,
  count(list_price)::bigint as list_price,
  count(product_id)::bigint as product_id,
  count(channel)::bigint as channel,
  count(region)::bigint as region,
  count(line_kind)::bigint as line_kind,
  (select count(*) from products)::bigint as products,
  (select count(list_price) from products)::bigint as priced_products
from sales

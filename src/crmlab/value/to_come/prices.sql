-- What each customer pays of the list price, over its lines of products and machines up to the day of `lines`: sums for an empirical-Bayes mean.
select
  l.customer_id,
  count(*)::bigint as n,
  sum(l.revenue / (p.list_price * l.qty))::double as paid,
  sum((l.revenue / (p.list_price * l.qty)) * (l.revenue / (p.list_price * l.qty)))::double as paid_squared
from lines l
join products p on p.product_id = l.product_id
where l.model in ('machines', 'purchases') and not l.is_back and p.list_price > 0 and l.qty > 0 and l.customer_id is not null
group by l.customer_id
order by l.customer_id

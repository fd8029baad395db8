-- What share of the list price each customer had taken off its purchases of products from the day after $day to $until.
-- In ten-thousandths, so that sums are of whole numbers.
with line as (
  select
    s.customer_id,
    case
      when s.rate is not null then round(s.rate * 10000)::bigint
      when coalesce(s.list_price, p.list_price) * s.qty > 0
        then round(10000 - 10000 * s.amount / (coalesce(s.list_price, p.list_price) * s.qty))::bigint
    end as taken_off
  from sales s
  left join products p on p.product_id = s.product_id
  where s.customer_id is not null
    and s.sold_at::date > ($day)::date
    and s.sold_at::date <= ($until)::date
    and s.amount > 0
    and not coalesce(s.is_return, false)
    and coalesce(s.line_kind, 'product') = 'product'
)
select customer_id, sum(taken_off)::bigint as taken_off, count(taken_off)::bigint as lines
from line
where taken_off is not null
group by customer_id
order by customer_id

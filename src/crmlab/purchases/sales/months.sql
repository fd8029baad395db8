-- One row per month and kind of line; a row without a kind is the month as a whole.
select
  month_number,
  line_kind,
  sum(amount)::bigint as amount,
  count(distinct order_id) filter (where not is_back)::bigint as orders,
  count(distinct customer_id) filter (where not is_back)::bigint as customers,
  sum(margin)::bigint as margin
from lines
group by rollup (month_number, line_kind)
having month_number is not null
order by month_number, line_kind nulls first

-- One row per customer with a line in the last twelve months or the twelve before, and one without a customer for the lines that name
-- none: when it bought, what was left of it after returns, and on how many days (weeks) it bought.
select
  customer_id,
  bool_or(years_ago = 0 and not is_back) as bought,
  bool_or(years_ago = 1 and not is_back) as bought_before,
  bool_or(years_ago > 1 and not is_back) as bought_earlier,
  coalesce(sum(amount) filter (where years_ago = 0), 0)::bigint as amount,
  coalesce(sum(amount) filter (where years_ago = 1), 0)::bigint as before,
  count(distinct day // ($unit)::bigint) filter (where years_ago = 0 and not is_back)::bigint as purchases,
  count(distinct day // ($unit)::bigint) filter (where years_ago = 1 and not is_back)::bigint as purchases_before
from lines
group by customer_id
having bool_or(years_ago < 2)
order by customer_id nulls last

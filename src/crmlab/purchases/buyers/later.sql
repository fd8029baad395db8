-- How often customers known on $origin bought in each step of $step days after it, seen from the day to which purchase_days goes.
select
  d.customer_id,
  ((date_diff('day', ($origin)::date, d.day) - 1) // ($step)::int)::bigint as step,
  count(*)::bigint as purchases,
  sum(d.amount)::bigint as amount
from purchase_days d
where d.amount > 0 and d.day > ($origin)::date
group by d.customer_id, (date_diff('day', ($origin)::date, d.day) - 1) // ($step)::int
order by d.customer_id, step

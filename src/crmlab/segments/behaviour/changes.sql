-- Sums of what counts, as changes from month to month: each of `spans` is added in the month in which it enters and taken off in that
-- in which it leaves. What entered before the month $first stands there as one sum.
with changed as (
  select
    p.customer_id, p.what, s.sign * p.amount as amount, s.sign * p.times as times,
    case when s.sign = 1 then greatest(p.enters, ($first)::int) else p.leaves end as month
  from spans p
  cross join (select 1 as sign union all select -1 as sign) s
  where p.leaves > greatest(p.enters, ($first)::int)
)
select
  c.what,
  n.number,
  c.month::bigint as month,
  sum(c.amount)::bigint as amount,
  sum(c.times)::bigint as times
from changed c
join numbered n on n.customer_id = c.customer_id
where c.month <= ($last)::int
group by c.what, n.number, c.month
order by c.what, n.number, c.month

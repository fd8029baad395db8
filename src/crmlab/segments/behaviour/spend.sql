-- What was spent in each month; it is never forgotten, so that any quarter is a difference.
select customer_id, 'spend' as what, month as enters, ($last)::int + 1 as leaves, sum(amount)::bigint as amount, 1 as times
from lines
group by customer_id, month

-- Margin and revenue by income model: of all lines, and of repairs after $since.
select model, sum(margin)::bigint as margin, sum(revenue)::bigint as revenue from lines where model <> 'repairs' group by model
union all
select model, sum(margin)::bigint as margin, sum(revenue)::bigint as revenue
from lines where model = 'repairs' and day > ($since)::date group by model
order by model

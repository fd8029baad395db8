-- What each machine counts for while it is in service: one without a day of installation always was.
with held as (
  select
    m.customer_id, m.machine_model, m.importance,
    coalesce(year(m.installed_at) * 12 + month(m.installed_at), 0) as enters,
    coalesce(year(m.retired_at) * 12 + month(m.retired_at), ($last)::int + 1) as leaves
  from machines m
  where m.customer_id is not null
)
select h.customer_id, 'end_of_support_share' as what, h.enters, h.leaves, 0 as amount, 1 as times
from held h
join products p on p.product_id = h.machine_model
where p.end_of_support_at is not null
union all
select
  h.customer_id, 'end_of_support_share' as what,
  greatest(h.enters, year(p.end_of_support_at) * 12 + month(p.end_of_support_at)) as enters, h.leaves, 1 as amount, 0 as times
from held h
join products p on p.product_id = h.machine_model
where p.end_of_support_at is not null
union all
-- Its generation over the newest of the series, in ten-thousandths: each launch of a newer one makes it older.
select
  h.customer_id, 'level_currency' as what,
  greatest(h.enters, year(g.from_day) * 12 + month(g.from_day)) as enters,
  least(h.leaves, year(g.to_day) * 12 + month(g.to_day)) as leaves,
  (10000 * p.generation) // g.newest as amount, 1 as times
from held h
join products p on p.product_id = h.machine_model
join generations g on g.series = p.series and g.from_day >= p.launch_at::date
where p.generation is not null
union all
select h.customer_id, 'level_asked' as what, h.enters, h.leaves, i.place as amount, 1 as times
from held h
join importances i on i.importance = h.importance

-- Who moved up from the day after $day to $until: to a machine of a newer generation of a series it had, put in service or bought, or to
-- a higher level of contract. Only who had either on $day can: one row for each of them. `levels` ranks levels of contracts by place.
with model as (
  -- Options may go by the series of the machine that they are for: what a product is says its category, too.
  select product_id, concat(series, '|', coalesce(category, '')) as series, generation, launch_at::date as launched
  from products
  where generation is not null and series is not null
),
held as (
  select m.customer_id, p.series, max(p.generation) as generation
  from machines m
  join model p on p.product_id = m.machine_model
  where m.customer_id is not null
    and m.installed_at::date <= ($day)::date
    and (m.retired_at is null or m.retired_at::date > ($day)::date)
  group by m.customer_id, p.series
),
arrived as (
  select m.customer_id, p.series, p.generation
  from machines m
  join model p on p.product_id = m.machine_model
  where m.installed_at::date > ($day)::date and m.installed_at::date <= ($until)::date
  union all
  select s.customer_id, p.series, p.generation
  from sales s
  join model p on p.product_id = s.product_id
  where s.sold_at::date > ($day)::date and s.sold_at::date <= ($until)::date
    and s.amount > 0 and not coalesce(s.is_return, false)
),
newer as (
  select distinct h.customer_id
  from held h
  join arrived a on a.customer_id = h.customer_id and a.series = h.series
  where a.generation > h.generation
),
newest as (
  select series, max(generation) as generation from model where launched <= ($day)::date group by series
),
owner as (
  select h.customer_id, max(n.generation - h.generation)::bigint as behind
  from held h
  left join newest n on n.series = h.series
  group by h.customer_id
),
level as (
  select c.customer_id, max(l.place)::bigint as place
  from contracts c
  join levels l on l.service_level = c.service_level
  where c.customer_id is not null and c.start_at::date <= ($day)::date and c.end_at::date >= ($day)::date
  group by c.customer_id
),
raised as (
  select distinct v.customer_id
  from level v
  join contracts c on c.customer_id = v.customer_id
  join levels l on l.service_level = c.service_level
  where coalesce(c.signed_at, c.start_at)::date > ($day)::date
    and c.start_at::date > ($day)::date
    and c.start_at::date <= ($until)::date
    and l.place > v.place
),
everybody as (
  select customer_id from owner union select customer_id from level
)
select
  e.customer_id,
  n.customer_id is not null or r.customer_id is not null as upgraded,
  o.behind,
  v.place
from everybody e
left join owner o on o.customer_id = e.customer_id
left join level v on v.customer_id = e.customer_id
left join newer n on n.customer_id = e.customer_id
left join raised r on r.customer_id = e.customer_id
order by e.customer_id

-- What each customer had met in the $days up to $landmark, and its machines on that day. Nothing that became known later is read.
-- last_end: how the complaint ended whose end was known last, an ignored one before others of the same day. A complaint that is
-- solved after $ignored_days was an ignored one until then, as far as anybody knew.
with happened as (
  select customer_id, 'ticket' as kind, reported_at::date as day from tickets
  union all
  select t.customer_id, 'second_visit' as kind, v.arrived_at::date as day
  from visits v join tickets t on t.ticket_id = v.ticket_id
  where v.visit_no > 1
  union all
  select customer_id, 'broken' as kind, broken_at::date as day from promises
  union all
  select customer_id, 'complaint' as kind, received_at::date as day from complaints
  union all
  select customer_id, "end" as kind, ended_at::date as day from complaints where "end" in ('solved', 'solved promptly', 'ignored')
  union all
  select customer_id, 'ignored' as kind, received_at::date + ($ignored_days)::int as day
  from complaints
  where "end" in ('solved', 'solved promptly') and ended_at::date > received_at::date + ($ignored_days)::int
),
lately as (
  select *
  from happened
  where customer_id is not null and day <= ($landmark)::date and day > ($landmark)::date - ($days)::int
),
counted as (
  select
    customer_id,
    (count(*) filter (where kind = 'ticket'))::bigint as tickets,
    (count(*) filter (where kind = 'second_visit'))::bigint as second_visits,
    (count(*) filter (where kind = 'broken'))::bigint as broken,
    (count(*) filter (where kind = 'complaint'))::bigint as complaints
  from lately
  group by customer_id
),
ended as (
  select customer_id, kind as last_end
  from lately
  where kind in ('solved', 'solved promptly', 'ignored')
  qualify row_number() over (
    partition by customer_id
    order by day desc, case when kind = 'ignored' then 0 when kind = 'solved promptly' then 1 else 2 end
  ) = 1
),
owned as (
  select customer_id, count(*)::bigint as machines
  from machines
  where customer_id is not null and coalesce(installed_at::date, date '1980-01-01') <= ($landmark)::date
    and coalesce(retired_at::date, ($landmark)::date + 1) > ($landmark)::date
  group by customer_id
),
everybody as (
  select customer_id from counted union select customer_id from owned
)
select
  e.customer_id,
  coalesce(o.machines, 0)::bigint as machines,
  coalesce(c.tickets, 0)::bigint as tickets,
  coalesce(c.second_visits, 0)::bigint as second_visits,
  coalesce(c.broken, 0)::bigint as broken,
  coalesce(c.complaints, 0)::bigint as complaints,
  d.last_end
from everybody e
left join counted c on c.customer_id = e.customer_id
left join ended d on d.customer_id = e.customer_id
left join owned o on o.customer_id = e.customer_id
order by e.customer_id

-- Tickets of ($day, $as_of] that are not closed by then, × the mean cost of one that is; by customer.
with closed as (
  select count(distinct t.ticket_id) as n
  from tickets t
  where t.closed_at is not null and t.closed_at::date <= ($as_of)::date and t.reported_at::date > ($day)::date
),
spent as (
  select coalesce(sum(c.visits + c.minutes + c.kilometres + c.parts), 0)::bigint as cost
  from costs c
  join tickets t on t.ticket_id = c.ticket_id
  where t.closed_at is not null and t.closed_at::date <= ($as_of)::date and t.reported_at::date > ($day)::date
)
select t.customer_id, (count(*) * (s.cost // nullif(c.n, 0)))::bigint as cost
from tickets t cross join closed c cross join spent s
where t.customer_id is not null and t.reported_at::date > ($day)::date and t.reported_at::date <= ($as_of)::date
  and not (t.closed_at is not null and t.closed_at::date <= ($as_of)::date) and c.n > 0
group by t.customer_id, s.cost, c.n
order by t.customer_id

-- What happened to each customer, on the day it became known. `value`: surveys, the mark from 0 to 10,000; machines, the day of
-- installation; payments, the day of payment (read only as far as the landmark). Days are counted from 1 January 1970.
select customer_id, 'ticket' as kind, reported_at::date as day, null::bigint as value from tickets
union all
-- Who pays is settled when the work is done.
select customer_id, 'free' as kind, coalesce(closed_at, reported_at)::date as day, null::bigint as value
from tickets where billing in ('free', 'warranty')
union all
select t.customer_id, 'second_visit' as kind, v.arrived_at::date as day, null::bigint as value
from visits v join tickets t on t.ticket_id = v.ticket_id
where v.visit_no > 1
union all
select customer_id, 'broken_promise' as kind, broken_at::date as day, null::bigint as value from promises
union all
select customer_id, 'complaint' as kind, received_at::date as day, null::bigint as value from complaints
union all
select customer_id, 'solved' as kind, ended_at::date as day, null::bigint as value
from complaints where "end" in ('solved', 'solved promptly')
union all
select customer_id, 'promptly' as kind, ended_at::date as day, null::bigint as value
from complaints where "end" = 'solved promptly'
union all
-- A complaint that is solved after the days of patience was an ignored one until then, as far as anybody knew.
select
  customer_id, 'ignored' as kind,
  case when "end" = 'ignored' then ended_at::date else received_at::date + ($ignored_days)::int end as day, null::bigint as value
from complaints
where "end" = 'ignored' or ended_at::date > received_at::date + ($ignored_days)::int
union all
select customer_id, 'survey' as kind, answered_at::date as day, round(10000 * score / scale_max)::bigint as value
from surveys
where coalesce(kind, 'perception') = 'perception' and score is not null and scale_max > 0
union all
-- Only that something was bought on a day, not how many lines.
select distinct customer_id, 'order' as kind, sold_at::date as day, null::bigint as value
from sales where not coalesce(is_return, false)
union all
select
  customer_id, 'installed' as kind, coalesce(installed_at::date, date '1980-01-01') as day,
  case when installed_at is not null then date_diff('day', date '1970-01-01', installed_at::date)::bigint end as value
from machines
union all
select
  customer_id, 'retired' as kind, retired_at::date as day,
  case when installed_at is not null then date_diff('day', date '1970-01-01', installed_at::date)::bigint end as value
from machines where retired_at is not null
union all
select
  customer_id, 'due' as kind, due_at::date as day,
  case when paid_at is not null then date_diff('day', date '1970-01-01', paid_at::date)::bigint end as value
from payments

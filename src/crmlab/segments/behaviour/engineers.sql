-- Pairs of tickets, and pairs that went to the same engineer, as changes from month to month: a share that does not grow with the number
-- of tickets. Of t tickets t * (t - 1) ordered pairs can be made. A ticket has an engineer from the month of its dispatch.
with sent as (
  select
    n.number, a.engineer_id,
    year(greatest(coalesce(a.dispatched_at, a.reported_at), a.reported_at)) * 12
      + month(greatest(coalesce(a.dispatched_at, a.reported_at), a.reported_at)) as month
  from asked a
  join numbered n on n.customer_id = a.customer_id
  where a.engineer_id is not null
),
moved as (
  select
    e.number, e.engineer_id, s.sign,
    case when s.sign = 1 then greatest(e.month, ($first)::int) else e.month + ($months)::int end as month
  from sent e
  cross join (select 1 as sign union all select -1 as sign) s
  where e.month + ($months)::int > ($first)::int
),
change as (
  select number, engineer_id, month, sum(sign)::bigint as change
  from moved
  where month <= ($last)::int
  group by number, engineer_id, month
),
by_engineer as (
  select
    number, month, change,
    (sum(change) over (partition by number, engineer_id order by month))::bigint as now
  from change
),
by_customer as (
  select
    number, month,
    sum(change)::bigint as change,
    sum(now * (now - 1) - (now - change) * (now - change - 1))::bigint as same
  from by_engineer
  group by number, month
),
running as (
  select number, month, change, same, (sum(change) over (partition by number order by month))::bigint as now from by_customer
)
select
  'named_contact_share' as what,
  number,
  month::bigint as month,
  same as amount,
  (now * (now - 1) - (now - change) * (now - change - 1))::bigint as times
from running
order by number, month

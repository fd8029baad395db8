-- The latest tickets of which a complaint would be known by $as_of: what happened in each, and whether somebody complained about it.
-- second_visit and broken are missing where nobody can tell; they count up to the day of the complaint, as what comes later cannot
-- have led to it. A complaint that names no ticket is about the customer's latest one, but only in an export in which fewer than half
-- of the complaints name theirs: in any other it is about something else.
with visited as (
  select
    ticket_id,
    bool_or(visit_no > 1) as again,
    min(arrived_at) filter (where visit_no > 1) as again_at,
    max(coalesce(left_at, arrived_at)) as last_at
  from visits
  where arrived_at is null or arrived_at::date <= ($as_of)::date
  group by ticket_id
),
told as (
  select
    t.ticket_id, t.customer_id, t.branch, t.reported_at, p.level,
    coalesce(t.closed_at, v.last_at, t.reported_at)::date as over_on,
    v.again, v.again_at::date as again_on,
    case when p.response in ('kept', 'broken') or p.fix in ('kept', 'broken') then p.broken_at is not null end as broken,
    p.broken_at::date as broken_on
  from tickets t
  left join visited v on v.ticket_id = t.ticket_id
  left join promises p on p.ticket_id = t.ticket_id
  where t.customer_id is not null and t.reported_at::date > ($as_of)::date - ($days)::int
),
ticket as (
  select *
  from told
  where over_on + ($complain_days)::int <= ($as_of)::date and (again is not null or broken is not null)
  qualify row_number() over (order by reported_at desc, ticket_id desc) <= ($most)::bigint
),
known as (
  select complaint_id, customer_id, ticket_id, received_at::date as received_on
  from complaints
  where received_at::date <= ($as_of)::date
),
naming as (
  select 2 * (count(*) filter (where ticket_id is not null)) >= count(*) as is_usual from known
),
about as (
  select k.complaint_id, k.received_on, t.ticket_id, t.reported_at
  from known k
  join ticket t on t.ticket_id = k.ticket_id
  where k.received_on between t.reported_at::date and t.over_on + ($complain_days)::int
  union all
  select k.complaint_id, k.received_on, t.ticket_id, t.reported_at
  from known k
  join ticket t on t.customer_id = k.customer_id
  cross join naming n
  where k.ticket_id is null and not n.is_usual
    and k.received_on between t.reported_at::date and t.over_on + ($complain_days)::int
),
complained as (
  select ticket_id, min(received_on) as complained_on
  from (
    select ticket_id, received_on
    from about
    qualify row_number() over (partition by complaint_id order by reported_at desc, ticket_id desc) = 1
  ) latest
  group by ticket_id
),
owned as (
  select
    customer_id, count(*)::bigint as machines
  from machines
  where coalesce(installed_at::date, date '1980-01-01') <= ($as_of)::date
    and coalesce(retired_at::date, ($as_of)::date + 1) > ($as_of)::date
  group by customer_id
)
select
  t.ticket_id, t.customer_id, t.branch, t.level,
  ((month(t.reported_at) + 2) // 3)::bigint as quarter,
  case when t.again and coalesce(t.again_on <= c.complained_on, true) then 1 when t.again is not null then 0 end::bigint as second_visit,
  case when t.broken and coalesce(t.broken_on <= c.complained_on, true) then 1 when t.broken is not null then 0 end::bigint as broken,
  case when c.ticket_id is null then 0 else 1 end::bigint as complained,
  coalesce(o.machines, 0)::bigint as machines
from ticket t
left join complained c on c.ticket_id = t.ticket_id
left join owned o on o.customer_id = t.customer_id
order by t.ticket_id

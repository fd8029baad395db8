-- What each customer cost up to the end of $as_of: one row per visit, part, contact and compensation, in minor units.
-- A visit costs what was recorded; else a fixed amount, hours and kilometres. What was recorded is split as the rates would split it.
-- Without any table of visits each ticket is one visit. Parts that a customer pays for are costs of their sales lines, where the
-- ledger has lines of parts.
with known as (
  select count(*) as n from visits
),
sold as (
  select count(*) filter (where line_kind = 'part') as n from sales
),
visited as (
  select
    v.ticket_id, v.visit_no, v.arrived_at, v.cost,
    greatest(coalesce(v.travel_min, 0), 0) + greatest(coalesce(v.work_min, 0), 0) + greatest(coalesce(v.talk_min, 0), 0) as minutes,
    greatest(coalesce(v.distance_km, 0), 0) as km
  from visits v
  union all
  select t.ticket_id, 1 as visit_no, null::timestamp as arrived_at, null::bigint as cost, 0.0 as minutes, 0.0 as km
  from tickets t cross join known k
  where k.n = 0
),
rated as (
  select
    v.ticket_id, v.visit_no, v.arrived_at, v.cost,
    ($visit_fee)::bigint as fee,
    round(v.minutes * ($hour_fee)::double / 60)::bigint as time_fee,
    round(v.km * ($km_fee)::double)::bigint as way_fee
  from visited v
),
split as (
  -- The running share is rounded, so that no part of a small amount is rounded below 0.
  select
    ticket_id, visit_no, arrived_at, coalesce(cost, fee + time_fee + way_fee)::bigint as cost,
    case when cost is null or fee + time_fee + way_fee = 0 then time_fee
      else least(cost, round(cost::double * (time_fee::double / (fee + time_fee + way_fee)))::bigint) end as time_cost,
    case when cost is null or fee + time_fee + way_fee = 0 then time_fee + way_fee
      else least(cost, round(cost::double * ((time_fee + way_fee)::double / (fee + time_fee + way_fee)))::bigint) end as running_cost
  from rated
),
spent as (
  select
    t.customer_id, s.ticket_id, coalesce(s.arrived_at, t.reported_at)::date as day,
    (s.cost - s.running_cost)::bigint as visits, s.time_cost::bigint as minutes, (s.running_cost - s.time_cost)::bigint as kilometres,
    0::bigint as parts, 0::bigint as contacts, 0::bigint as compensation
  from split s
  left join tickets t on t.ticket_id = s.ticket_id
  union all
  select
    t.customer_id, p.ticket_id, coalesce(f.arrived_at, t.reported_at)::date as day,
    0::bigint as visits, 0::bigint as minutes, 0::bigint as kilometres,
    (coalesce(p.qty_used, 0) * coalesce(p.unit_cost, c.unit_cost, 0))::bigint as parts, 0::bigint as contacts, 0::bigint as compensation
  from ticket_parts p
  cross join sold o
  left join tickets t on t.ticket_id = p.ticket_id
  left join visits f on f.ticket_id = p.ticket_id and f.visit_no = p.visit_no
  left join parts c on c.part_no = p.part_no
  where coalesce(p.qty_used, 0) <> 0 and not (coalesce(t.billing, '') = 'paid' and o.n > 0)
  union all
  select
    i.customer_id, null::varchar as ticket_id, i.at::date as day,
    0::bigint as visits, 0::bigint as minutes, 0::bigint as kilometres, 0::bigint as parts,
    coalesce(i.cost, ($contact_fee)::bigint)::bigint as contacts, 0::bigint as compensation
  from interactions i
  union all
  select
    m.customer_id, null::varchar as ticket_id, coalesce(m.resolved_at, m.received_at)::date as day,
    0::bigint as visits, 0::bigint as minutes, 0::bigint as kilometres, 0::bigint as parts, 0::bigint as contacts,
    m.compensation::bigint as compensation
  from complaints m
  where m.compensation is not null
)
select * from spent where day is null or day <= ($as_of)::date

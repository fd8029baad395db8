-- What each contract term counts for, from the day it was signed (else begins) until $months after its end; and how early a renewal was
-- signed, for $months from the signature. A term is a renewal if it begins after an earlier one of those known when it was signed.
with term as (
  select
    customer_id, start_at, end_at, signed_at, service_level,
    coalesce(signed_at, start_at)::date as known_at,
    year(coalesce(signed_at, start_at)) * 12 + month(coalesce(signed_at, start_at)) as enters,
    year(end_at) * 12 + month(end_at) + ($months)::int as leaves,
    min(start_at) over (partition by customer_id order by coalesce(signed_at, start_at)::date) as first_start_at
  from contracts
  where customer_id is not null and start_at is not null and end_at >= start_at
)
select
  customer_id, 'prepaid_horizon' as what, enters, leaves, date_diff('day', start_at::date, end_at::date) + 1 as amount, 1 as times
from term
union all
select
  customer_id, 'renewal_lead' as what, enters, enters + ($months)::int as leaves,
  date_diff('day', signed_at::date, start_at::date) as amount, 1 as times
from term
where signed_at is not null and start_at > first_start_at
union all
select t.customer_id, 'level_held' as what, t.enters, t.leaves, v.place as amount, 1 as times
from term t
join service_levels v on v.service_level = t.service_level

-- What the tickets of ($since, $as_of] cost by customer, covered ones and others apart; with the squares that say how much they differ.
-- A ticket without a service sheet has no cost yet and does not count.
with ticket as (
  select
    t.customer_id, t.ticket_id, coalesce(t.billing, '') <> 'paid' as covered,
    coalesce(sum(c.visits + c.minutes + c.kilometres), 0)::bigint as trips, coalesce(sum(c.parts), 0)::bigint as parts
  from tickets t
  left join costs c on c.ticket_id = t.ticket_id
  where t.customer_id is not null and t.reported_at::date > ($since)::date and t.reported_at::date <= ($as_of)::date
    and not (t.closed_at is null or t.closed_at::date > ($as_of)::date)
  group by t.customer_id, t.ticket_id, coalesce(t.billing, '') <> 'paid'
)
select
  customer_id,
  count(*)::bigint as n,
  (count(*) filter (where covered))::bigint as n_covered,
  sum(trips)::bigint as trips,
  coalesce(sum(parts) filter (where covered), 0)::bigint as parts_covered,
  coalesce(sum(parts) filter (where not covered), 0)::bigint as parts_other,
  sum((trips + parts)::double * (trips + parts))::double as cost_squared
from ticket
group by customer_id
order by customer_id

-- One row per landmark and term that was at risk then: known, not over for longer than the grace days, its follower not known yet.
select
  s.contract_id, s.customer_id, l.landmark::date as landmark,
  date_diff('day', l.landmark::date, s.end_at::date)::bigint as days_to_end
from spells s
join landmarks l on s.known_at::date <= l.landmark::date and s.end_at::date + ($grace_days)::int > l.landmark::date
where (s.next_known_at is null or s.next_known_at::date > l.landmark::date)
  and date_diff('day', l.landmark::date, s.end_at::date) <= ($most_days)::int

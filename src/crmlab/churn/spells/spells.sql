-- One row per term known on $as_of and its fate: see known.py for what the fates mean.
with term as (
  select
    contract_id, customer_id, coalesce(service_level, 'none') as service_level,
    start_at::date as start_at, end_at::date as end_at, amount::bigint as amount,
    auto_renew, renewed_contract_id, signed_at::date as signed_at, coalesce(signed_at, start_at)::date as known_at,
    outcome, end_reason
  from contracts
  where start_at <= end_at and coalesce(signed_at, start_at)::date <= ($as_of)::date
),
placed as (
  select
    t.*,
    l.next_id, l.next_start_at, l.next_known_at, coalesce(l.is_gap, false) as is_gap, p.contract_id as before_id,
    c.relation_id, c.place,
    t.end_at + ($grace_days)::int <= ($as_of)::date as settled,
    (rank() over (partition by t.customer_id order by t.start_at) - 1)::bigint as previous_terms,
    coalesce(
      max(t.end_at) over w_before >= t.start_at + ($grace_days)::int
        or min(t.start_at) over w_after <= t.end_at - ($grace_days)::int,
      false
    ) as near_another
  from term t
  left join links l on l.contract_id = t.contract_id
  left join links p on p.next_id = t.contract_id
  left join chains c on c.contract_id = t.contract_id
  window
    w_before as (partition by t.customer_id order by t.start_at, t.contract_id rows between unbounded preceding and 1 preceding),
    w_after as (partition by t.customer_id order by t.start_at, t.contract_id rows between 1 following and unbounded following)
),
-- Whether this export shows renewals as terms: nearly all that renewed have their next term in it. Then silence says that it ended.
shown as (
  select
    count(*) filter (where settled and next_id is not null) as followed,
    count(*) filter (where settled and next_id is null and outcome = 'renewed') as alone
  from placed
)
select
  p.contract_id, p.customer_id, p.service_level, p.start_at, p.end_at, p.amount, p.auto_renew,
  p.renewed_contract_id, p.known_at, p.signed_at,
  case
    when p.next_start_at <= p.end_at - ($grace_days)::int then 'superseded'
    when p.next_id is not null and not p.settled then 'signed'
    when not p.settled then 'open'
    when p.next_id is not null or p.outcome = 'renewed' then 'renewed'
    when p.outcome = 'lost' and p.end_reason in ('moved', 'closed', 'merged') then 'competing'
    when p.outcome = 'lost' then 'lost'
    when s.followed >= 20 and s.followed >= 9 * s.alone then 'lost'
    else 'unknown'
  end as fate,
  p.next_id, p.next_known_at, p.is_gap, p.outcome as recorded,
  p.end_reason, p.relation_id, p.place, p.previous_terms,
  p.near_another as overlaps,
  b.amount as amount_before, b.start_at as start_before, b.end_at as end_before
from placed p
cross join shown s
left join term b on b.contract_id = p.before_id
order by p.contract_id

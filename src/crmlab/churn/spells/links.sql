-- Which term followed which, as far as known on $as_of. A link runs forward in time only, and each term follows at most one:
-- a cycle, or two terms renewed by the same one, cannot come out of it.
-- First the links on record. Then the gap rule: a term of the same customer that begins within $grace_days of the end (before or
-- after it) follows, the one of the same level and nearest in time first.
with term as (
  select
    contract_id, customer_id, renewed_contract_id, coalesce(service_level, 'none') as service_level,
    start_at::date as start_at, end_at::date as end_at, coalesce(signed_at, start_at)::date as known_at
  from contracts
  where start_at <= end_at and coalesce(signed_at, start_at)::date <= ($as_of)::date
),
on_record as (
  select t.contract_id, n.contract_id as next_id, n.start_at as next_start_at, n.known_at as next_known_at
  from term t
  join term n on n.contract_id = t.renewed_contract_id and n.start_at > t.start_at
  qualify row_number() over (partition by n.contract_id order by t.end_at desc, t.contract_id) = 1
),
-- A row per pair, so that the search of the gap rule stays within customers with several terms.
free as (
  select t.* from term t left join on_record r on r.contract_id = t.contract_id where r.contract_id is null
),
unclaimed as (
  select t.* from term t left join on_record r on r.next_id = t.contract_id where r.next_id is null
),
near as (
  select
    t.contract_id, n.contract_id as next_id, n.start_at as next_start_at, n.known_at as next_known_at,
    case when n.service_level = t.service_level then 0 else 1 end as other_level,
    abs(date_diff('day', t.end_at + 1, n.start_at)) as apart
  from free t
  join unclaimed n on n.customer_id = t.customer_id
  where n.start_at > t.start_at
    and n.start_at >= t.end_at + 1 - ($grace_days)::int
    and n.start_at <= t.end_at + 1 + ($grace_days)::int
),
nearest as (
  select contract_id, next_id, next_start_at, next_known_at, other_level, apart
  from near
  qualify row_number() over (partition by contract_id order by other_level, apart, next_id) = 1
),
by_gap as (
  select contract_id, next_id, next_start_at, next_known_at
  from nearest
  qualify row_number() over (partition by next_id order by other_level, apart, contract_id) = 1
)
select contract_id, next_id, next_start_at, next_known_at, false as is_gap from on_record
union all
select contract_id, next_id, next_start_at, next_known_at, true as is_gap from by_gap

-- The first term of the chain of renewals that each term belongs to, and its place in it.
with recursive chain as (
  select t.contract_id, t.contract_id as relation_id, 0::bigint as place
  from (
    select contract_id from contracts
    where start_at <= end_at and coalesce(signed_at, start_at)::date <= ($as_of)::date
  ) t
  left join links l on l.next_id = t.contract_id
  where l.next_id is null
  union all
  select l.next_id as contract_id, c.relation_id, c.place + 1 as place
  from chain c
  join links l on l.contract_id = c.contract_id
)
select contract_id, relation_id, place::bigint as place from chain

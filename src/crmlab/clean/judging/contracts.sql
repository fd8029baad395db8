-- Under a stated as_of, the outcome of a term that ends later is open, unless the term that renews it is known by then.
with successors as (
    select contract_id, min(least(signed_at, start_at)) as known_at
    from typed
    group by contract_id
),
seen as (
    select
        c.*,
        coalesce(c.end_at > ($as_of)::date and coalesce(s.known_at > ($as_of)::date, true), false) as ends_later
    from typed c
    left join successors s on s.contract_id = c.renewed_contract_id
)
select
    c._row, c._file, c._line, c.unreadable, c.fault,
    c.contract_id, c.customer_id, c.start_at, c.end_at, c.amount, c.signed_at, c.service_level,
    case when c.ends_later and c.outcome is not null then 'open' else c.outcome end as outcome,
    case when not c.ends_later then c.end_reason end as end_reason,
    case when not c.ends_later then c.renewed_contract_id end as renewed_contract_id,
    c.auto_renew,
    case when not c.ends_later then c.offered_amount end as offered_amount,
    c.promise_response_min, c.promise_fix_min
from seen c

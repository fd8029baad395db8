-- Contract terms, judged. A term is known from the day it was signed, at the latest from its first day.
select
    c._row, c._file, c._line,
    c.contract_id, c.customer_id, c.start_at, c.end_at, c.amount, c.signed_at,
    case
        when regexp_matches(c.service_level, '^[0-9]+[ ]?[×xX*]')
            then replace(translate(c.service_level, '×xX', '***'), ' ', '')
        else c.service_level
    end as service_level,
    c.outcome, c.end_reason, c.renewed_contract_id, c.auto_renew, c.offered_amount,
    c.promise_response_min, c.promise_fix_min,
    least(c.signed_at, c.start_at)::timestamp as dated_at,
    c.unreadable,
    coalesce(
        c.fault,
        case
            when c.end_at < c.start_at
                then concat('end_at: ', c.end_at::varchar, ' is before start_at ', c.start_at::varchar)
            when c.amount < 0 then 'amount: negative'
        end
    ) as reason
from typed c

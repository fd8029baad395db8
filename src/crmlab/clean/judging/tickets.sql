-- What tickets have beyond the contract: whether one is open on the day of the run. Where closing times were exported it is one without
-- (an unreadable one is still a closing); else one without a cause. Under a stated as_of a ticket closed later is still open.
select
    t.*,
    coalesce(t.closed_at >= (($as_of)::date + 1)::timestamp, false) or case
        when ($has_closing)::boolean then t.closed_at is null and not contains(t.unreadable, 'closed_at')
        else ($has_cause)::boolean and t.cause_actual is null
    end as is_open
from typed t

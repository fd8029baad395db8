-- Visits that the export does not number are numbered in order of arrival, after the numbered ones.
select
    v._row, v._file, v._line, v.unreadable, v.fault,
    v.ticket_id,
    coalesce(
        v.visit_no,
        coalesce(max(v.visit_no) over (partition by v.ticket_id), 0)
            + row_number() over (partition by v.ticket_id, v.visit_no order by v.arrived_at nulls last, v._row)
    )::bigint as visit_no,
    v.arrived_at, v.left_at, v.travel_min, v.work_min, v.talk_min, v.distance_km,
    v.outcome, v.repeat_reason, v.engineer_id, v.signed, v.cost
from typed v

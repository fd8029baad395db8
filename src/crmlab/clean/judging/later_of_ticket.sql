-- Rows later than a stated as_of, and rows of a ticket or of a visit that is filtered.
with tickets_gone as (
    select distinct ticket_id from gone where visit_no is null
),
visits_gone as (
    select distinct ticket_id, visit_no from gone where visit_no is not null
)
select j._row
from judged j
anti join copies c on c._row = j._row
left join tickets_gone t on t.ticket_id = j.ticket_id
left join visits_gone v on v.ticket_id = j.ticket_id and v.visit_no = j.visit_no
where t.ticket_id is not null
    or v.ticket_id is not null
    or coalesce(j.dated_at >= (($as_of)::date + 1)::timestamp, false)

-- Rows later than a stated as_of, and rows of tickets that are.
select j._row
from judged j
anti join copies c on c._row = j._row
left join (select distinct ticket_id from tickets) t on t.ticket_id = j.ticket_id
where j.dated_at >= (($as_of)::date + 1)::timestamp or t.ticket_id is not null

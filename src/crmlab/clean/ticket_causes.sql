-- One row per cause of a clean ticket.
select t.ticket_id, c.cause_no, c.cause
from tickets t
join causes c on c.written = t.cause_actual
order by t.ticket_id, c.cause_no

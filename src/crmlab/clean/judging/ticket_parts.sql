-- A part without a number goes by its name, a part without a visit by the first visit.
select
    p._row, p._file, p._line, p.unreadable,
    coalesce(p.fault, case when p.part_no is null and p.part_name is null then 'part_no: empty' end) as fault,
    p.ticket_id,
    coalesce(p.visit_no, 1) as visit_no,
    coalesce(p.part_no, p.part_name) as part_no,
    p.part_name, p.qty_carried, p.qty_used, p.unit_cost
from typed p

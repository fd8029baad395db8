-- Parts carried, judged. A part without a number goes by its name, a part without a visit by the first visit.
select
    p._row, p._file, p._line,
    p.ticket_id,
    coalesce(p.visit_no, 1) as visit_no,
    coalesce(p.part_no, p.part_name) as part_no,
    p.part_name, p.qty_carried, p.qty_used, p.unit_cost,
    cast(null as timestamp) as dated_at,
    p.unreadable,
    coalesce(
        p.fault,
        case
            when p.part_no is null and p.part_name is null then 'part_no: empty'
            when p.unit_cost < 0 then 'unit_cost: negative'
        end
    ) as reason
from typed p

-- Machines, judged.
select
    m._row, m._file, m._line,
    m.serial_no, m.machine_model, m.customer_id, m.installed_at, m.warranty_end, m.retired_at,
    m.firmware, m.os_version, m.patch, m.importance, m.nonstandard_parts,
    left(m.machine_model, 4) as machine_family,
    m.installed_at::timestamp as dated_at,
    m.unreadable,
    coalesce(
        m.fault,
        case
            when m.retired_at < m.installed_at
                then concat('retired_at: ', m.retired_at::varchar, ' is before installed_at ', m.installed_at::varchar)
        end
    ) as reason
from typed m

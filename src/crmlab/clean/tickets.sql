-- Tickets, judged: `reason` says why a row cannot be used, null where it can; `dated_at` decides whether it is known on a given day.
-- A closing written as a day without a time may lie on the day of the call; then it counts from the call.
select
    t._row, t._file, t._line,
    coalesce(t.ticket_id, concat(t._file, ':', t._line::varchar)) as ticket_id,
    t.reported_at, t.symptom, t.machine_model, t.serial_no, t.customer_id, t.customer_name,
    t.cause_actual, t.cause_predicted, t.parts_requested,
    case
        when regexp_matches(t.service_level, '^[0-9]+[ ]?[×xX*]')
            then replace(translate(t.service_level, '×xX', '***'), ' ', '')
        else t.service_level
    end as service_level,
    t.branch, t.engineer_id, t.dispatched_at, t.appointed_at,
    case when t.closed_at < t.reported_at then t.reported_at else t.closed_at end as closed_at,
    t.service_kind, t.billing, t.channel, t.priority, t.is_focus,
    left(t.machine_model, 4) as machine_family,
    case
        when ($has_closing)::boolean then t.closed_at is null and not contains(t.unreadable, 'closed_at')
        else ($has_cause)::boolean and t.cause_actual is null
    end as is_open,
    t.reported_at as dated_at,
    t.unreadable,
    coalesce(
        t.fault,
        case
            when t.closed_at < t.reported_at and t.closed_at <> t.reported_at::date::timestamp
                then concat('closed_at: ', t.closed_at::varchar, ' is before reported_at ', t.reported_at::varchar)
        end
    ) as reason
from typed t

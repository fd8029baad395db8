-- Tickets, judged: `reason` says why a row cannot be used, null where it can; `dated_at` decides whether it is known on a given day.
-- Under a stated as_of, what was learnt later is emptied: a ticket closed later is still open.
-- A closing written as a day without a time may lie on the day of the call; then it counts from the call.
with seen as (
    select
        t.*,
        coalesce(t.dispatched_at >= (($as_of)::date + 1)::timestamp, false) as dispatched_later,
        coalesce(t.closed_at >= (($as_of)::date + 1)::timestamp, false) as closed_later
    from typed t
)
select
    t._row, t._file, t._line,
    coalesce(t.ticket_id, concat(t._file, ':', t._line::varchar)) as ticket_id,
    t.reported_at, t.symptom, t.machine_model, t.serial_no, t.customer_id, t.customer_name,
    case when not t.closed_later then t.cause_actual end as cause_actual,
    case when not t.dispatched_later then t.cause_predicted end as cause_predicted,
    case when not t.dispatched_later then t.parts_requested end as parts_requested,
    case
        when regexp_matches(t.service_level, '^[0-9]+[ ]?[×xX*]')
            then replace(translate(t.service_level, '×xX', '***'), ' ', '')
        else t.service_level
    end as service_level,
    t.branch,
    case when not t.dispatched_later then t.engineer_id end as engineer_id,
    case when not t.dispatched_later then t.dispatched_at end as dispatched_at,
    case when not t.dispatched_later then t.appointed_at end as appointed_at,
    case
        when t.closed_later then null
        when t.closed_at < t.reported_at then t.reported_at
        else t.closed_at
    end as closed_at,
    t.service_kind, t.billing, t.channel, t.priority, t.is_focus,
    left(t.machine_model, 4) as machine_family,
    t.closed_later or case
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
from seen t

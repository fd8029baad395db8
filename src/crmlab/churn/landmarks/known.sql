-- Occasions with what is known of them; a customer without an event has zeros, an occasion without an offer none.
select
  o.contract_id, o.customer_id, o.landmark, o.days_to_end,
  coalesce(h.tickets_90, 0)::bigint as tickets_90,
  coalesce(h.tickets_365, 0)::bigint as tickets_365,
  coalesce(h.free_365, 0)::bigint as free_365,
  coalesce(h.second_visits_365, 0)::bigint as second_visits_365,
  coalesce(h.broken_promises_90, 0)::bigint as broken_promises_90,
  coalesce(h.broken_promises_365, 0)::bigint as broken_promises_365,
  coalesce(h.complaints_730, 0)::bigint as complaints_730,
  coalesce(h.solved_730, 0)::bigint as solved_730,
  coalesce(h.promptly_730, 0)::bigint as promptly_730,
  coalesce(h.ignored_730, 0)::bigint as ignored_730,
  h.days_since_solved, h.days_since_promptly, h.days_since_ignored,
  coalesce(h.tickets_faded, 0)::bigint as tickets_faded,
  coalesce(h.second_visits_faded, 0)::bigint as second_visits_faded,
  coalesce(h.broken_promises_faded, 0)::bigint as broken_promises_faded,
  coalesce(h.ignored_faded, 0)::bigint as ignored_faded,
  coalesce(h.answers_365, 0)::bigint as answers_365,
  coalesce(h.marks_365, 0)::bigint as marks_365,
  coalesce(h.due_365, 0)::bigint as due_365,
  coalesce(h.days_late_365, 0)::bigint as days_late_365,
  coalesce(h.overdue, 0)::bigint as overdue,
  (coalesce(h.installed, 0) - coalesce(h.retired, 0))::bigint as machines,
  h.quiet_days,
  coalesce(h.dated, 0)::bigint as dated,
  coalesce(h.machine_days, 0)::bigint as machine_days,
  f.offered_change, f.offered_days
from occasions o
left join history h on h.customer_id = o.customer_id and h.landmark = o.landmark
left join offers f on f.contract_id = o.contract_id and f.landmark = o.landmark
order by o.contract_id, o.landmark

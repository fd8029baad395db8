-- Per customer and landmark, what its events amount to. Only events of days up to the landmark are read; `fading` gives each age in
-- weeks its weight as an integer, so that sums do not depend on their order.
with asked as (
  select distinct customer_id, landmark from occasions
),
past as (
  select
    a.customer_id, a.landmark, e.kind, e.value, date_diff('day', e.day, a.landmark)::bigint as age,
    date_diff('day', date '1970-01-01', a.landmark)::bigint as today
  from asked a
  join events e on e.customer_id = a.customer_id and e.day <= a.landmark
  where e.kind in ('installed', 'retired') or e.day > a.landmark - 1095
),
late as (
  select p.*, p.today - p.age as due_day, f.weight
  from past p
  left join fading f on f.week = p.age // 7
)
select
  customer_id, landmark,
  (count(*) filter (where kind = 'ticket' and age < 90))::bigint as tickets_90,
  (count(*) filter (where kind = 'ticket' and age < 365))::bigint as tickets_365,
  (count(*) filter (where kind = 'free' and age < 365))::bigint as free_365,
  (count(*) filter (where kind = 'second_visit' and age < 365))::bigint as second_visits_365,
  (count(*) filter (where kind = 'broken_promise' and age < 90))::bigint as broken_promises_90,
  (count(*) filter (where kind = 'broken_promise' and age < 365))::bigint as broken_promises_365,
  (count(*) filter (where kind = 'complaint' and age < 730))::bigint as complaints_730,
  (count(*) filter (where kind = 'solved' and age < 730))::bigint as solved_730,
  (count(*) filter (where kind = 'promptly' and age < 730))::bigint as promptly_730,
  (count(*) filter (where kind = 'ignored' and age < 730))::bigint as ignored_730,
  (min(age) filter (where kind = 'solved' and age < 730))::bigint as days_since_solved,
  (min(age) filter (where kind = 'promptly' and age < 730))::bigint as days_since_promptly,
  (min(age) filter (where kind = 'ignored' and age < 730))::bigint as days_since_ignored,
  coalesce(sum(weight) filter (where kind = 'ticket'), 0)::bigint as tickets_faded,
  coalesce(sum(weight) filter (where kind = 'second_visit'), 0)::bigint as second_visits_faded,
  coalesce(sum(weight) filter (where kind = 'broken_promise'), 0)::bigint as broken_promises_faded,
  coalesce(sum(weight) filter (where kind = 'ignored'), 0)::bigint as ignored_faded,
  (count(*) filter (where kind = 'survey' and age < 365))::bigint as answers_365,
  coalesce(sum(value) filter (where kind = 'survey' and age < 365), 0)::bigint as marks_365,
  (count(*) filter (where kind = 'due' and age < 365))::bigint as due_365,
  coalesce(sum(least(greatest(least(value, today) - due_day, 0), 120)) filter (where kind = 'due' and age < 365 and value is not null), 0)::bigint
    + coalesce(sum(least(age, 120)) filter (where kind = 'due' and age < 365 and value is null), 0)::bigint as days_late_365,
  (count(*) filter (where kind = 'due' and age >= 30 and age < 365 and coalesce(value, today + 1) > today))::bigint as overdue,
  (min(age) filter (where kind in ('ticket', 'order', 'survey', 'complaint')))::bigint as quiet_days,
  (count(*) filter (where kind = 'installed'))::bigint as installed,
  (count(*) filter (where kind = 'retired'))::bigint as retired,
  (count(*) filter (where kind = 'installed' and value is not null))::bigint
    - (count(*) filter (where kind = 'retired' and value is not null))::bigint as dated,
  (coalesce(sum(today - value) filter (where kind = 'installed'), 0)
    - coalesce(sum(today - value) filter (where kind = 'retired'), 0))::bigint as machine_days
from late
group by customer_id, landmark

-- Each ticket of a customer up to the month $last, with the first topic that its words fit. Words are matched once, however often they
-- are said; `words` is null where a ticket says nothing.
with ticket as (
  select
    customer_id, engineer_id, billing, dispatched_at, reported_at,
    (year(reported_at) * 12 + month(reported_at))::bigint as month,
    cause_actual is null and not coalesce(is_open, false) as without_fault,
    lower(nullif(concat_ws(' ', symptom, service_kind), '')) as words
  from tickets
  where customer_id is not null and year(reported_at) * 12 + month(reported_at) <= ($last)::int
),
said as (
  select distinct words from ticket where words is not null
),
topic as (
  select
    words,
    case
      when regexp_matches(words, $billing) then 'billing'
      when regexp_matches(words, $legacy) then 'legacy'
      when regexp_matches(words, $roadmap) then 'roadmap'
      when regexp_matches(words, $howto) then 'howto'
    end as topic
  from said
)
select
  t.customer_id, t.engineer_id, t.billing, t.dispatched_at, t.reported_at, t.month, t.without_fault, t.words, o.topic
from ticket t
left join topic o on o.words = t.words

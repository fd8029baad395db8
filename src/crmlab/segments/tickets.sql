-- One row per customer with a ticket up to $as_of: counts in the window ($since, $as_of], from which `features` divides.
with said as (
  select
    customer_id, engineer_id, billing,
    reported_at::date as day,
    reported_at::date > ($since)::date as recent,
    lower(nullif(concat_ws(' ', symptom, service_kind), '')) as words
  from tickets
  where customer_id is not null and reported_at::date <= ($as_of)::date
),
ticket as (
  select
    customer_id, engineer_id, billing, day, recent, words,
    case
      when regexp_matches(words, $billing) then 'billing'
      when regexp_matches(words, $legacy) then 'legacy'
      when regexp_matches(words, $roadmap) then 'roadmap'
      when regexp_matches(words, $howto) then 'howto'
    end as topic
  from said
),
-- Pairs of tickets, and pairs that went to the same engineer: a share that does not grow with the number of tickets.
engineer as (
  select customer_id, engineer_id, count(*) as times
  from ticket
  where recent and engineer_id is not null
  group by customer_id, engineer_id
),
pairs as (
  select
    customer_id,
    sum(times * (times - 1))::bigint as named_contact_share_sum,
    (sum(times) * (sum(times) - 1))::bigint as named_contact_share_n
  from engineer
  group by customer_id
),
counts as (
  select
    customer_id,
    date_diff('day', min(day), ($as_of)::date)::bigint as days_since_first_ticket,
    count(*) filter (where recent) as tickets,
    count(*) filter (where recent and topic = 'legacy') as legacy_ticket_share_sum,
    count(words) filter (where recent) as legacy_ticket_share_n,
    count(*) filter (where recent and topic = 'roadmap') as roadmap_ticket_share_sum,
    count(words) filter (where recent) as roadmap_ticket_share_n,
    count(*) filter (where recent and topic = 'howto') as howto_ticket_share_sum,
    count(words) filter (where recent) as howto_ticket_share_n,
    count(*) filter (where recent and topic = 'billing') as billing_ticket_share_sum,
    count(words) filter (where recent) as billing_ticket_share_n,
    count(*) filter (where recent and billing = 'paid') as on_demand_share_sum,
    count(billing) filter (where recent) as on_demand_share_n
  from ticket
  group by customer_id
)
select c.*, p.named_contact_share_sum, p.named_contact_share_n
from counts c
left join pairs p on p.customer_id = c.customer_id
order by c.customer_id

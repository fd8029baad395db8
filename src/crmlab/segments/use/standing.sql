-- How each customer stood on $day: what it bought in the year since $since and ever, its tickets, its machines.
with bought as (
  select
    customer_id, sold_at::date as day, amount, coalesce(margin, amount - cost) as margin,
    amount > 0 and not coalesce(is_return, false) as is_purchase
  from sales
  where customer_id is not null and sold_at::date <= ($day)::date
),
purchases as (
  select
    customer_id,
    min(day) as first_day,
    date_diff('day', max(day) filter (where is_purchase), ($day)::date)::bigint as recency,
    (count(distinct day) filter (where is_purchase and day > ($since)::date))::bigint as frequency,
    coalesce(sum(amount) filter (where day > ($since)::date), 0)::bigint as money,
    sum(margin)::bigint as margin,
    sum(amount)::bigint as amount
  from bought
  group by customer_id
),
calls as (
  select
    customer_id,
    min(reported_at)::date as first_day,
    (count(*) filter (where reported_at::date > ($since)::date))::bigint as tickets
  from tickets
  where customer_id is not null and reported_at::date <= ($day)::date
  group by customer_id
),
placed as (
  select customer_id, count(*)::bigint as machines
  from machines
  where customer_id is not null and installed_at::date <= ($day)::date and (retired_at is null or retired_at::date > ($day)::date)
  group by customer_id
),
everybody as (
  select customer_id from purchases union select customer_id from calls union select customer_id from placed
)
select
  e.customer_id,
  p.recency,
  coalesce(p.frequency, 0)::bigint as frequency,
  coalesce(p.money, 0)::bigint as money,
  p.margin,
  p.amount,
  date_diff('day', least(coalesce(p.first_day, c.first_day), coalesce(c.first_day, p.first_day)), ($day)::date)::bigint as tenure,
  coalesce(c.tickets, 0)::bigint as tickets,
  coalesce(m.machines, 0)::bigint as machines
from everybody e
left join purchases p on p.customer_id = e.customer_id
left join calls c on c.customer_id = e.customer_id
left join placed m on m.customer_id = e.customer_id
order by e.customer_id

-- One row per customer and month in which something of it came to be known.
-- signs: days with business, a complaint or an answer. ends: last day of the contracts signed. widened: firsts in what it buys: a kind of
-- thing, or a service level above all before. machines: put in service less retired; like quotes and contacts they only make it known.
with term as (
  select
    c.contract_id, c.customer_id, c.start_at::date as start_at, c.end_at::date as end_at,
    coalesce(c.signed_at, c.start_at)::date as day, l.place
  from contracts c
  left join levels l on l.service_level = c.service_level
  where c.start_at <= c.end_at
),
sold as (
  select
    s.customer_id, s.sold_at::date as day,
    case
      when s.line_kind = 'contract' then 'contract'
      when s.line_kind = 'service' then 'service ' || s.product_id
      when s.line_kind = 'product' then 'product ' || p.category
    end as kind
  from sales s
  left join products p on p.product_id = s.product_id
  where not coalesce(s.is_return, false) and coalesce(s.amount, 0) >= 0
),
-- What is first seen in the first year of a record may have been bought before it: no first.
begun as (
  select max(first_day) as day
  from (select min(day) as first_day from sold union all select min(day) as first_day from term) f
),
kinds as (
  select customer_id, min(day) as day
  from (
    select customer_id, day, kind from sold where kind is not null
    union all
    select customer_id, day, 'contract' as kind from term
  ) k
  group by customer_id, kind
),
raised as (
  select
    customer_id, day,
    place > max(place) over (
      partition by customer_id order by day, start_at, contract_id rows between unbounded preceding and 1 preceding
    ) as is_raise
  from term
  where place is not null
),
firsts as (
  select k.customer_id, k.day
  from kinds k cross join begun b
  where year(k.day) * 12 + month(k.day) - 12 >= year(b.day) * 12 + month(b.day)
  union all
  select customer_id, day from raised where is_raise
),
moment as (
  select customer_id, day, 1 as business, 1 as sign, null::date as ends, 0 as widened, 0 as machines from sold
  union all
  select customer_id, reported_at::date as day, 1, 1, null::date, 0, 0 from tickets
  union all
  select customer_id, day, 1, 1, end_at, 0, 0 from term
  union all
  select customer_id, installed_at::date as day, 0, 0, null::date, 0, 1 from machines
  union all
  select customer_id, retired_at::date as day, 0, 0, null::date, 0, -1 from machines
  union all
  select customer_id, day, 0, 0, null::date, 1, 0 from firsts
  union all
  select customer_id, received_at::date as day, 0, 1, null::date, 0, 0 from complaints
  union all
  select customer_id, answered_at::date as day, 0, 1, null::date, 0, 0 from surveys
  union all
  select i.customer_id, i.at::date as day, 0, case when i.answered then 1 else 0 end, null::date, 0, 0 from interactions i
  union all
  select customer_id, quoted_at::date as day, 0, 0, null::date, 0, 0 from quotes
  union all
  select customer_id, opened_at::date as day, 0, 0, null::date, 0, 0 from opportunities
)
select
  customer_id,
  (year(day) * 12 + month(day) - 1)::int as month_no,
  max(business)::int as business,
  (count(distinct case when sign = 1 then day end))::bigint as signs,
  min(case when sign = 1 then day end) as first_sign,
  max(case when sign = 1 then day end) as last_sign,
  max(ends) as ends,
  sum(widened)::bigint as widened,
  sum(machines)::bigint as machines
from moment
where customer_id is not null and day is not null
group by customer_id, year(day) * 12 + month(day)

-- One row per customer and month told: its stage of the life cycle on the last day of that month, by what `moments` has up to it.
-- The rules are in life_cycle.py. month_no counts months from year 0; the year is the twelve months that end with the month told.
with told as (
  select month::date as month, (year(month) * 12 + month(month) - 1)::int as month_no from months
),
-- Without a date in the customer file, a customer is known from its first moment, or, having none, from the start.
met as (
  select customer_id, min(month_no) as month_no, max(created_no) as created_no
  from (
    select
      customer_id,
      year(created_at) * 12 + month(created_at) - 1 as month_no,
      year(created_at) * 12 + month(created_at) - 1 as created_no
    from customers
    where customer_id is not null
    union all
    select customer_id, month_no, null::int as created_no from moments
  ) k
  group by customer_id
),
begun as (
  select year(min(day)) * 12 + month(min(day)) - 1 as month_no
  from (
    select min(sold_at)::date as day from sales
    union all
    select min(reported_at)::date as day from tickets
    union all
    select min(coalesce(signed_at, start_at))::date as day from contracts
  ) d
),
-- Business in a month before which the customer had left: the same rule as below.
spaced as (
  select
    customer_id, month_no,
    lag(month_no) over (partition by customer_id order by month_no) as before_no,
    max(ends) over (partition by customer_id order by month_no rows between unbounded preceding and 1 preceding) as ends
  from moments
  where business = 1
),
back as (
  select customer_id, month_no, 1 as is_back
  from spaced
  where month_no - 1 - before_no >= case when ends is null then 24 else 12 end
    and (ends is null or ends + ($grace_days)::int < make_date(month_no // 12, month_no % 12 + 1, 1) - 1)
),
-- What counts for a year comes in with its month and goes out twelve months later, so that running sums tell it.
line as (
  select
    m.customer_id, m.month_no, null::date as month, case when m.business = 1 then m.month_no end as business_no, m.signs, m.first_sign,
    m.last_sign, m.ends, m.widened, m.machines, coalesce(b.is_back, 0) as is_back
  from moments m
  left join back b on b.customer_id = m.customer_id and b.month_no = m.month_no
  union all
  select
    customer_id, month_no + 12 as month_no, null::date as month, null::int as business_no, 0 as signs, null::date as first_sign,
    null::date as last_sign, null::date as ends, -widened as widened, -machines as machines, 0 as is_back
  from moments
  where widened <> 0 or machines <> 0
  union all
  select
    customer_id, month_no + 12 as month_no, null::date as month, null::int as business_no, 0 as signs, null::date as first_sign,
    null::date as last_sign, null::date as ends, 0 as widened, 0 as machines, -1 as is_back
  from back
  union all
  select
    k.customer_id, t.month_no, t.month, null::int as business_no, 0 as signs, null::date as first_sign, null::date as last_sign,
    null::date as ends, 0 as widened, 0 as machines, 0 as is_back
  from met k
  join told t on t.month_no >= coalesce(k.month_no, 0)
),
-- Lines of one month are peers: each sees the others.
seen as (
  select
    customer_id, month_no, month,
    min(business_no) over w as first_no,
    max(business_no) over w as last_no,
    max(ends) over w as ends,
    sum(signs) over w as signs,
    min(first_sign) over w as first_sign,
    max(last_sign) over w as last_sign,
    sum(is_back) over w as is_back,
    sum(widened) over w as widened,
    sum(machines) over w as machines
  from line
  window w as (partition by customer_id order by month_no range between unbounded preceding and current row)
),
judged as (
  select
    s.customer_id, s.month, s.first_no is not null as is_customer, s.is_back > 0 as is_back,
    s.widened > 0 or s.machines > 0 as extends,
    s.first_no > s.month_no - 12 as is_recent,
    s.first_no - 12 >= b.month_no or k.created_no > s.month_no - 12 as is_first,
    coalesce(s.ends + ($grace_days)::int >= s.month, false) as is_held,
    s.month_no - s.last_no >= case when s.ends is null then 24 else 12 end as is_over,
    case
      when s.signs < 3 then date_diff('day', s.last_sign, s.month) > 365
      else date_diff('day', s.last_sign, s.month) * (s.signs - 1)
        > 3 * greatest(date_diff('day', s.first_sign, s.last_sign), 30 * (s.signs - 1))
    end as is_quiet
  from seen s
  join met k on k.customer_id = s.customer_id
  cross join begun b
  where s.month is not null
)
select
  customer_id,
  month,
  case
    when not is_customer then 'selection'
    when is_over and not is_held then null
    when is_back or (is_recent and coalesce(is_first, false)) then 'acquisition'
    when is_recent then null
    when extends then 'extension'
    else 'retention'
  end as stage,
  is_customer and is_back and not (is_over and not is_held) as won_back,
  is_customer and not is_held and coalesce(is_quiet, false) as silent,
  is_customer and coalesce(is_over, false) and not is_held as has_left,
  coalesce(is_held, false) as is_held
from judged
order by customer_id, month

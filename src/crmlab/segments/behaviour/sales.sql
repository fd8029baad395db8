-- What each sales line counts for in the features of its customer, from its own month until $months later.
with product_line as (
  select
    customer_id, product_id, day, month, series, generation, launched,
    min(day) over (partition by customer_id) as first_day,
    min(day) over (partition by customer_id, product_id) as first_of_product
  from lines
  where line_kind = 'product' and product_id is not null
),
first_purchase as (
  select distinct customer_id, product_id, day, month, launched
  from product_line
  where launched is not null and day = first_of_product
),
-- Before the company's first promotion, no line says that it was sold without one.
promotion as (
  select min(month) as month from lines where in_promotion
)
select customer_id, 'lines' as what, month as enters, month + ($months)::int as leaves, 0 as amount, 1 as times
from lines
union all
select
  l.customer_id, 'generation_lag' as what, l.month as enters, l.month + ($months)::int as leaves,
  greatest(g.newest - l.generation, 0) as amount, 1 as times
from product_line l
join generations g on g.series = l.series and g.from_day <= l.day and l.day < g.to_day
where l.generation is not null
union all
-- A repeat needs an earlier purchase, so the first cannot be one.
select
  customer_id, 'sku_repeat_share' as what, month as enters, month + ($months)::int as leaves,
  case when first_of_product < day then 1 else 0 end as amount, 1 as times
from product_line
where first_day < day
union all
-- In ten-thousandths: all on the day of the launch, half a year later. Compared with the launch and not with the other takers, of
-- whom more may come later still.
select
  customer_id, 'adoption_rank' as what, month as enters, month + ($months)::int as leaves,
  3650000 // (365 + greatest(date_diff('day', launched, day), 0)) as amount, 1 as times
from first_purchase
union all
select
  customer_id, 'capability_share' as what, month as enters, month + ($months)::int as leaves,
  case when capability then 1 else 0 end as amount, 1 as times
from lines
where capability is not null and line_kind in ('product', 'service')
union all
select
  customer_id, 'discount_share' as what, month as enters, month + ($months)::int as leaves, discount as amount, 1 as times
from lines
where discount is not null
union all
select
  l.customer_id, 'promo_share' as what, greatest(l.month, p.month) as enters, l.month + ($months)::int as leaves,
  case when l.in_promotion then 1 else 0 end as amount, 1 as times
from lines l
cross join promotion p
where p.month is not null
union all
select
  l.customer_id, 'premium_share' as what, l.month as enters, l.month + ($months)::int as leaves, r.place as amount, 1 as times
from lines l
join price_places r on r.product_id = l.product_id and r.from_day <= l.day and l.day < r.to_day

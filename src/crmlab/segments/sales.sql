-- One row per customer with a purchase on record: counts and sums of whole numbers, from which `features` divides.
-- A line counts when it was paid for and not returned; "in the window" is ($since, $as_of].
with line as (
  select
    s.sale_id, s.customer_id, s.product_id, s.sold_at::date as day, s.amount, s.promo,
    coalesce(s.line_kind, 'product') as line_kind,
    p.category, p.series, p.generation, p.launch_at::date as launched,
    case
      when s.rate is not null then round(s.rate * 10000)::bigint
      when coalesce(s.list_price, p.list_price) * s.qty > 0
        then round(10000 - 10000 * s.amount / (coalesce(s.list_price, p.list_price) * s.qty))::bigint
    end as discount,
    s.sold_at::date > ($since)::date as recent,
    date_diff('day', s.sold_at::date, ($as_of)::date) // 91 as quarter
  from sales s
  left join products p on p.product_id = s.product_id
  where s.customer_id is not null
    and s.amount > 0
    and not coalesce(s.is_return, false)
    and s.sold_at::date <= ($as_of)::date
),
-- Where a product stands among the models of its series and generation, in ten-thousandths from the cheapest: across
-- series a price says what work a machine is for, not how much more than needed was paid.
price_rank as (
  select
    product_id,
    count(*) over (partition by category, series, generation) as peers,
    (10000 * (count(*) over (partition by category, series, generation order by list_price) - 1))
      // nullif(count(*) over (partition by category, series, generation) - 1, 0) as place
  from products
  where list_price is not null and category is not null
),
-- Generations behind the newest of the series on the day of purchase.
behind as (
  select l.sale_id, max(n.generation) - max(l.generation) as lag
  from line l
  join products n on n.series = l.series and n.launch_at::date <= l.day
  where l.recent and l.line_kind = 'product' and l.generation is not null
  group by l.sale_id
),
-- The order in which customers took a product up: 10,000 for the first, 0 for the last.
first_purchase as (
  select customer_id, product_id, min(day) as day
  from line
  where launched is not null and line_kind = 'product'
  group by customer_id, product_id
),
taken_up as (
  select
    customer_id, day,
    count(*) over (partition by product_id) as takers,
    count(*) over (partition by product_id order by day) as place
  from first_purchase
),
adoption as (
  select
    customer_id,
    sum((10000 * (takers - place)) // (takers - 1))::bigint as adoption_rank_sum,
    count(*) as adoption_rank_n
  from taken_up
  where takers > 1 and day > ($since)::date
  group by customer_id
),
-- Bought before? Only a customer who had bought something can repeat.
history as (
  select
    l.*,
    min(l.day) over (partition by l.customer_id) as first_day,
    min(l.day) over (partition by l.customer_id, l.product_id) as first_of_product
  from line l
),
counts as (
  select
    h.customer_id,
    date_diff('day', min(h.day), ($as_of)::date)::bigint as days_since_first_sale,
    count(*) filter (where h.recent) as lines,
    sum(case when h.recent and b.lag is not null then b.lag end)::bigint as generation_lag_sum,
    count(b.lag) as generation_lag_n,
    count(*) filter (where h.recent and h.line_kind = 'product' and h.product_id is not null and h.first_day < h.day and h.first_of_product < h.day) as sku_repeat_share_sum,
    count(*) filter (where h.recent and h.line_kind = 'product' and h.product_id is not null and h.first_day < h.day) as sku_repeat_share_n,
    count(*) filter (where h.recent and h.line_kind in ('product', 'service') and regexp_matches(lower(h.category), $capability)) as capability_share_sum,
    count(h.category) filter (where h.recent and h.line_kind in ('product', 'service')) as capability_share_n,
    sum(h.discount) filter (where h.recent)::bigint as discount_share_sum,
    count(h.discount) filter (where h.recent) as discount_share_n,
    count(h.promo) filter (where h.recent) as promo_share_sum,
    sum(r.place) filter (where h.recent and r.peers > 1)::bigint as premium_share_sum,
    count(r.place) filter (where h.recent and r.peers > 1) as premium_share_n,
    coalesce(sum(h.amount) filter (where h.quarter = 0), 0)::bigint as spend_0,
    coalesce(sum(h.amount) filter (where h.quarter = 1), 0)::bigint as spend_1,
    coalesce(sum(h.amount) filter (where h.quarter = 2), 0)::bigint as spend_2,
    coalesce(sum(h.amount) filter (where h.quarter = 3), 0)::bigint as spend_3,
    coalesce(sum(h.amount) filter (where h.quarter = 4), 0)::bigint as spend_4,
    coalesce(sum(h.amount) filter (where h.quarter = 5), 0)::bigint as spend_5,
    coalesce(sum(h.amount) filter (where h.quarter = 6), 0)::bigint as spend_6,
    coalesce(sum(h.amount) filter (where h.quarter = 7), 0)::bigint as spend_7
  from history h
  left join behind b on b.sale_id = h.sale_id
  left join price_rank r on r.product_id = h.product_id
  group by h.customer_id
),
-- Days between one day of purchase and the next, over two windows' length.
visit_day as (
  select distinct customer_id, day from line where day > ($since_rhythm)::date
),
gap as (
  select customer_id, date_diff('day', lag(day) over (partition by customer_id order by day), day) as days
  from visit_day
),
rhythm as (
  select customer_id, sum(days)::bigint as gap_sum, sum(days * days)::bigint as gap_squares, count(days) as gap_n
  from gap
  group by customer_id
)
select
  c.*, a.adoption_rank_sum, a.adoption_rank_n, g.gap_sum, g.gap_squares, g.gap_n,
  case when (select count(promo) from line) > 0 then c.lines else 0 end as promo_share_n
from counts c
left join adoption a on a.customer_id = c.customer_id
left join rhythm g on g.customer_id = c.customer_id
order by c.customer_id

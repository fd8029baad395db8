-- One row per line of the months up to $until that is known on $as_of, with its place in every dimension; 'unknown' where nothing says.
-- Months are numbered year * 12 + month - 1; years_ago is 0 in the twelve months that end with $until, 1 in the twelve before.
-- Discounts are whole ten-thousandths and pieces whole thousandths, so that every engine adds them to the same sum.
with line as (
  select
    s.*,
    p.series, p.category,
    coalesce(c.customer_name, s.customer_name) as known_name,
    -- Words of two files are not mixed: the customer file tells regions only where the ledger tells none.
    case when (select count(region) from sales) > 0 then s.region else c.region end as known_region,
    (year(s.sold_at) * 12 + month(s.sold_at) - 1)::bigint as month_number,
    coalesce(s.is_return, false) or s.amount < 0 as is_back,
    nullif(round(coalesce(nullif(s.list_price, 0), p.list_price) * s.qty)::bigint, 0) as at_list
  from sales s
  left join products p on p.product_id = s.product_id
  left join customers c on c.customer_id = s.customer_id
  where s.amount is not null and s.sold_at::date <= ($as_of)::date
),
valued as (
  select
    l.*,
    case
      when l.rate is not null then round(l.rate * 10000)::bigint
      when l.at_list is not null then round(10000 - 10000 * abs(l.amount) / abs(l.at_list))::bigint
    end as discount,
    coalesce(l.at_list, case when l.rate < 1 then nullif(round(l.amount / (1 - l.rate))::bigint, 0) end) as listed
  from line l
  where l.month_number <= ($until)::bigint
)
select
  v.customer_id,
  case when v.customer_id is not null then v.known_name end as customer_name,
  v.product_id, v.series,
  coalesce(v.order_id, v.customer_id || '@' || v.sold_at::date::varchar, v.sale_id) as order_id,
  date_diff('day', date '1900-01-01', v.sold_at::date)::bigint as day,
  v.month_number,
  ((($until)::bigint - v.month_number) // 12)::bigint as years_ago,
  v.is_back,
  v.amount,
  coalesce(v.margin, v.amount - v.cost) as margin,
  nullif(round(v.qty * 1000)::bigint, 0) as pieces,
  v.listed,
  (case when v.rate is not null then round(v.rate * v.listed)::bigint else v.listed - v.amount end)::bigint as taken_off,
  coalesce(v.product_id, 'unknown') as product,
  coalesce(v.category, 'unknown') as category,
  coalesce(v.customer_id, 'unknown') as customer,
  coalesce(b.band, 'unknown') as rate,
  coalesce(v.channel, 'unknown') as channel,
  coalesce(v.known_region, 'unknown') as region,
  coalesce(v.line_kind, 'unknown') as line_kind
from valued v
left join band b on v.discount >= b.least and v.discount < b.above

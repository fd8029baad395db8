-- What each customer brought up to the day of `lines`, by component; customer_id is missing where a line names nobody.
with by_customer as (
  select
    customer_id,
    count(*)::bigint as n_lines,
    (count(*) filter (where is_back))::bigint as n_returns,
    sum(revenue)::bigint as revenue,
    coalesce(sum(revenue) filter (where is_back), 0)::bigint as returns,
    coalesce(sum(abs(revenue)) filter (where estimated), 0)::bigint as estimated_revenue,
    sum(abs(revenue))::bigint as turnover,
    coalesce(sum(margin) filter (where component = 'contracts'), 0)::bigint as invoiced,
    coalesce(sum(margin) filter (where component = 'machines'), 0)::bigint as machines,
    coalesce(sum(margin) filter (where component = 'repairs'), 0)::bigint as repairs,
    coalesce(sum(margin) filter (where component = 'products'), 0)::bigint as products,
    coalesce(sum(margin) filter (where component = 'services'), 0)::bigint as services,
    coalesce(sum(margin) filter (where component = 'parts_sold'), 0)::bigint as parts_sold,
    coalesce(sum(margin) filter (where component = 'other_sales'), 0)::bigint as other_sales,
    min(day) as first_day,
    max(day) filter (where not is_back) as last_day
  from lines
  group by customer_id
),
contract_income as (
  select customer_id, sum(earned)::bigint as earned from earned group by customer_id
)
select
  b.*,
  coalesce(c.earned, 0)::bigint as contracts,
  (b.invoiced - coalesce(c.earned, 0))::bigint as unearned
from by_customer b
left join contract_income c on coalesce(c.customer_id, '') = coalesce(b.customer_id, '')

-- One row per dimension and group with a line in the last twelve months or the twelve before. What is sold, to how many and at which
-- discount leaves returns out; money takes them off.
select
  d.dimension,
  case d.dimension
    when 'product' then l.product
    when 'category' then l.category
    when 'customer' then l.customer
    when 'rate' then l.rate
    when 'channel' then l.channel
    when 'region' then l.region
    when 'line_kind' then l.line_kind
    else ''
  end as member,
  max(case d.dimension when 'customer' then l.customer_name when 'product' then l.series end) as name,
  count(distinct l.customer_id) filter (where l.years_ago = 0 and not l.is_back)::bigint as customers,
  count(distinct l.order_id) filter (where l.years_ago = 0 and not l.is_back)::bigint as orders,
  count(*) filter (where l.years_ago = 0 and not l.is_back)::bigint as lines,
  coalesce(sum(l.amount) filter (where l.years_ago = 0), 0)::bigint as amount,
  coalesce(-sum(l.amount) filter (where l.years_ago = 0 and l.is_back), 0)::bigint as returned,
  sum(l.margin) filter (where l.years_ago = 0)::bigint as margin,
  coalesce(sum(l.amount) filter (where l.years_ago = 0 and l.margin is not null), 0)::bigint as amount_with_margin,
  coalesce(sum(l.amount) filter (where l.years_ago = 0 and not l.is_back and l.margin is not null), 0)::bigint as sold_with_margin,
  coalesce(sum(l.listed) filter (where l.years_ago = 0 and not l.is_back), 0)::bigint as listed,
  coalesce(sum(l.taken_off) filter (where l.years_ago = 0 and not l.is_back), 0)::bigint as taken_off,
  coalesce(sum(l.amount) filter (where l.years_ago = 0 and not l.is_back and l.listed is not null), 0)::bigint as sold_listed,
  coalesce(sum(l.amount) filter (where l.years_ago = 1), 0)::bigint as before
from lines l
cross join dimension d
where l.years_ago in (0, 1)
group by 1, 2
order by 1, 2

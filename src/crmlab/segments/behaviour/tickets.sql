-- What each ticket counts for, for $months from its month.
select customer_id, 'tickets' as what, month as enters, month + ($months)::int as leaves, 0 as amount, 1 as times
from asked
union all
-- The denominator of all four topics.
select customer_id, 'texts' as what, month as enters, month + ($months)::int as leaves, 0 as amount, 1 as times
from asked
where words is not null
union all
select
  customer_id, concat(topic, '_ticket_share') as what, month as enters, month + ($months)::int as leaves, 1 as amount, 0 as times
from asked
where topic is not null
union all
select
  customer_id, 'on_demand_share' as what, month as enters, month + ($months)::int as leaves,
  case when billing = 'paid' then 1 else 0 end as amount, 1 as times
from asked
where billing is not null

-- What each comment and complaint counts for, for $months from its month.
with topic as (
  select customer_id, month, 'function_topic_share' as what from remarked where about_function
  union all
  select customer_id, month, 'price_topic_share' as what from remarked where about_price
  union all
  select customer_id, month, 'manner_topic_share' as what from remarked where about_manner
  union all
  select customer_id, month, 'used_to_share' as what from remarked where about_used_to
  union all
  select customer_id, month, 'next_topic_share' as what from remarked where about_next
)
-- The denominator of all five topics.
select customer_id, 'remarks' as what, month as enters, month + ($months)::int as leaves, 0 as amount, 1 as times
from remarked
union all
select customer_id, what, month as enters, month + ($months)::int as leaves, 1 as amount, 0 as times
from topic

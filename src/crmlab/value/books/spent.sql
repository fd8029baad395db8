-- Costs by customer; customer_id is missing where a cost names nobody.
select
  customer_id,
  sum(visits)::bigint as visits,
  sum(minutes)::bigint as minutes,
  sum(kilometres)::bigint as kilometres,
  sum(parts)::bigint as parts,
  sum(contacts)::bigint as contacts,
  sum(compensation)::bigint as compensation
from costs
group by customer_id

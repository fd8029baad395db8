-- Lines and sum of every component, added up without regard to customers.
select component, count(*)::bigint as lines, sum(margin)::bigint as ledger from lines group by component
union all
select 'visits' as component, (count(*) filter (where visits <> 0))::bigint as lines, coalesce(sum(visits), 0)::bigint as ledger from costs
union all
select 'minutes' as component, (count(*) filter (where minutes <> 0))::bigint as lines, coalesce(sum(minutes), 0)::bigint as ledger from costs
union all
select
  'kilometres' as component, (count(*) filter (where kilometres <> 0))::bigint as lines, coalesce(sum(kilometres), 0)::bigint as ledger
from costs
union all
select 'parts' as component, (count(*) filter (where parts <> 0))::bigint as lines, coalesce(sum(parts), 0)::bigint as ledger from costs
union all
select 'contacts' as component, (count(*) filter (where contacts <> 0))::bigint as lines, coalesce(sum(contacts), 0)::bigint as ledger from costs
union all
select
  'compensation' as component, (count(*) filter (where compensation <> 0))::bigint as lines, coalesce(sum(compensation), 0)::bigint as ledger
from costs

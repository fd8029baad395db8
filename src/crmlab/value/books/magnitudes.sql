-- How large the amounts of each column are together, without regard to their sign, and the largest one: sums of 64 bits must hold them.
with amounts as (
  select 'sales.amount' as place, amount::double as amount from sales
  union all select 'sales.cost' as place, cost::double as amount from sales
  union all select 'sales.margin' as place, margin::double as amount from sales
  union all select 'contracts.amount' as place, amount::double as amount from contracts
  union all select 'visits.cost' as place, cost::double as amount from visits
  union all select 'visits.travel_min' as place, travel_min * ($hour_fee)::double / 60 as amount from visits
  union all select 'visits.work_min' as place, work_min * ($hour_fee)::double / 60 as amount from visits
  union all select 'visits.talk_min' as place, talk_min * ($hour_fee)::double / 60 as amount from visits
  union all select 'visits.distance_km' as place, distance_km * ($km_fee)::double as amount from visits
  union all select 'interactions.cost' as place, cost::double as amount from interactions
  union all select 'complaints.compensation' as place, compensation::double as amount from complaints
  union all
  select
    case when p.unit_cost is null then 'parts.unit_cost' else 'ticket_parts.unit_cost' end as place,
    p.qty_used::double * coalesce(p.unit_cost, c.unit_cost)::double as amount
  from ticket_parts p
  left join parts c on c.part_no = p.part_no
)
select place, sum(abs(amount))::double as total, max(abs(amount))::double as largest
from amounts
where amount is not null
group by place
order by total desc, place

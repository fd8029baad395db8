-- Tickets of ($since, $as_of] by whether a contract and a warranty ran that day: how many, and how many the customer paid for.
with ticket as (
  select
    t.ticket_id, t.billing = 'paid' as is_paid,
    coalesce(m.warranty_end::date >= t.reported_at::date, false) as in_warranty,
    max(case when c.contract_id is not null then 1 else 0 end) as in_contract
  from tickets t
  left join machines m on m.serial_no = t.serial_no
  left join contracts c
    on c.customer_id = t.customer_id and c.start_at::date <= t.reported_at::date and c.end_at::date >= t.reported_at::date
  where t.customer_id is not null and t.billing is not null
    and t.reported_at::date > ($since)::date and t.reported_at::date <= ($as_of)::date
  group by t.ticket_id, t.billing = 'paid', coalesce(m.warranty_end::date >= t.reported_at::date, false)
)
select in_contract::bigint as in_contract, in_warranty, count(*)::bigint as n, (count(*) filter (where is_paid))::bigint as paid
from ticket
group by in_contract, in_warranty
order by in_contract, in_warranty

-- Machines installed by the end of $as_of or on a day that nobody noted, with their model's end of support and list price; later
-- retirements are not known.
select
  m.serial_no,
  m.customer_id,
  coalesce(m.machine_family, '') as family,
  m.installed_at::date as installed,
  case when m.retired_at::date <= ($as_of)::date then m.retired_at::date end as retired,
  m.warranty_end::date as warranty_end,
  p.end_of_support_at::date as support_end,
  p.list_price::bigint as list_price
from machines m
left join products p on p.product_id = m.machine_model
where m.installed_at is null or m.installed_at::date <= ($as_of)::date
order by m.serial_no

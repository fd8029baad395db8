-- Tickets of ($since, $as_of] by customer, machine and its age in whole years; both missing where no machine on file is named.
select
  t.customer_id,
  m.serial_no,
  coalesce(m.machine_family, '') as family,
  case when m.installed_at is not null and m.installed_at::date <= t.reported_at::date
    then date_diff('day', m.installed_at::date, t.reported_at::date) * 100 // 36525 end::bigint as age,
  count(*)::bigint as n
from tickets t
left join machines m on m.serial_no = t.serial_no
where t.customer_id is not null and t.reported_at::date > ($since)::date and t.reported_at::date <= ($as_of)::date
group by all
order by 1, 2, 3, 4

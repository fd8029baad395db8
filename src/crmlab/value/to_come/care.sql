-- What contacts and compensation of each customer cost after $since.
select customer_id, sum(contacts + compensation)::bigint as cost
from costs
where customer_id is not null and day > ($since)::date and contacts + compensation <> 0
group by customer_id
order by customer_id

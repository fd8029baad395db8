-- Names that belong to exactly one customer of the customer file, to find its number where a row gives only the name.
select c.customer_name as written, min(c.customer_id) as customer_id
from judged c
where c.customer_name is not null and c.reason is null
group by c.customer_name
having count(distinct c.customer_id) = 1

-- Names that belong to exactly one customer of the customer file, to find its number where a row gives only the name.
-- A name that is the number of another customer is no name: rows that give the number mean that one.
select c.customer_name as written, min(c.customer_id) as customer_id
from judged c
anti join judged k on k.customer_id = c.customer_name and k.reason is null and k.customer_id <> c.customer_id
where c.customer_name is not null and c.reason is null
group by c.customer_name
having count(distinct c.customer_id) = 1

-- Customers whom tickets, sales, machines or contracts name and the customer file does not.
with known as (
    select j.customer_id
    from judged j
    anti join rejected r on r._row = j._row
)
select p.customer_id, max(p.customer_name) as customer_name
from parties p
anti join known k on k.customer_id = p.customer_id
where p.customer_id is not null
group by p.customer_id

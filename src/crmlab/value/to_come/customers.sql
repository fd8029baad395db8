-- The day on which each customer was entered in the customer file; a day to come is left to the reader.
select customer_id, min(created_at)::date as created_at from customers where customer_id is not null and created_at is not null
group by customer_id
order by customer_id

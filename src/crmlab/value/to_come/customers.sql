-- Customers of the customer file by the day on which they were entered.
select customer_id, created_at::date as created_at from customers where customer_id is not null and created_at::date <= ($as_of)::date

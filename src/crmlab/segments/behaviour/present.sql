-- How many values each column has of those that a feature needs; of a table, "*", how many rows.
select 'sales' as name, '*' as part, count(*)::bigint as n from sales
union all select 'sales', 'product_id', count(product_id)::bigint from sales
union all select 'sales', 'promo', count(promo)::bigint from sales
union all select 'sales', 'rate', count(rate)::bigint from sales
union all select 'sales', 'list_price', count(list_price)::bigint from sales
union all select 'products', '*', count(*)::bigint from products
union all select 'products', 'series', count(series)::bigint from products
union all select 'products', 'category', count(category)::bigint from products
union all select 'products', 'list_price', count(list_price)::bigint from products
union all select 'products', 'launch_at', count(launch_at)::bigint from products
union all select 'products', 'end_of_support_at', count(end_of_support_at)::bigint from products
union all select 'products', 'generation', count(generation)::bigint from products
union all select 'machines', '*', count(*)::bigint from machines
union all select 'machines', 'importance', count(importance)::bigint from machines
union all select 'contracts', '*', count(*)::bigint from contracts
union all select 'contracts', 'signed_at', count(signed_at)::bigint from contracts
union all select 'contracts', 'service_level', count(service_level)::bigint from contracts
union all select 'tickets', '*', count(*)::bigint from tickets
union all select 'tickets', 'customer_id', count(customer_id)::bigint from tickets
union all select 'tickets', 'symptom', count(coalesce(symptom, service_kind))::bigint from tickets
union all select 'tickets', 'engineer_id', count(engineer_id)::bigint from tickets
union all select 'tickets', 'billing', count(billing)::bigint from tickets
union all select 'quotes', '*', count(*)::bigint from quotes
union all select 'quotes', 'revisions', count(revisions)::bigint from quotes
union all select 'quotes', 'price_lock', count(price_lock)::bigint from quotes
union all select 'surveys', '*', count(*)::bigint from surveys
union all select 'surveys', 'comment', count(comment)::bigint from surveys
union all select 'complaints', '*', count(*)::bigint from complaints
union all select 'complaints', 'text', count("text")::bigint from complaints

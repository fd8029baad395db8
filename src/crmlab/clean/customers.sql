-- Customers of the customer file, judged. A customer without a number goes by its name.
select
    c._row, c._file, c._line,
    c.customer_id, c.customer_name, c.industry, c.region, c.tier, c.created_at, c.parent_id,
    true as known,
    c.created_at::timestamp as dated_at,
    c.unreadable,
    c.fault as reason
from typed c

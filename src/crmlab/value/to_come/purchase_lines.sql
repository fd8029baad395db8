-- Lines that are purchases of their own: no contracts, no machines that stand on the machine file, no repairs.
select customer_id, product_id, day::timestamp as sold_at, revenue as amount, is_back as is_return, line_kind
from lines where model = 'purchases'

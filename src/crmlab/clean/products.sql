-- Products, judged.
select
    p._row, p._file, p._line,
    p.product_id, p.series, p.category, p.list_price, p.launch_at, p.end_of_support_at, p.generation,
    cast(null as timestamp) as dated_at,
    p.unreadable,
    coalesce(p.fault, case when p.list_price < 0 then 'list_price: negative' end) as reason
from typed p

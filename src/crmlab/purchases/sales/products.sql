-- One row per product over the lines that name it and say how many: pieces (thousandths), list value and amount, returns taken off.
select
  product_id,
  coalesce(sum(pieces) filter (where years_ago = 0), 0)::bigint as pieces,
  coalesce(sum(pieces) filter (where years_ago = 1), 0)::bigint as pieces_before,
  coalesce(sum(listed) filter (where years_ago = 0), 0)::bigint as listed,
  coalesce(sum(listed) filter (where years_ago = 1), 0)::bigint as listed_before,
  count(*) filter (where listed is null)::bigint as unlisted,
  coalesce(sum(amount) filter (where years_ago = 0), 0)::bigint as amount,
  coalesce(sum(amount) filter (where years_ago = 1), 0)::bigint as before
from lines
where years_ago in (0, 1) and product_id is not null and pieces is not null
group by product_id
order by product_id

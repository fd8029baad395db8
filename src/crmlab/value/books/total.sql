-- What was booked in all, added up line by line without regard to customers: what the books of the customers must come to.
select
  coalesce(sum(margin), 0)::bigint as margin,
  count(*)::bigint as lines
from booked

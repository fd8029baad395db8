-- Every row of a table that is not used, once: those rejected with their own fate, all others because too many are bad.
select r._row, r.fate, r.why
from rejected r
union all
select j._row, 'unusable' as fate, $why as why
from judged j
anti join rejected r on r._row = j._row

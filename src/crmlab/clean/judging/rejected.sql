-- Every row that is not clean, once, with its fate and why.
select l._row, 'filtered' as fate, cast(null as varchar) as why
from later l
union all
select u._row, 'quarantined' as fate, u.why
from unusable u
union all
select c._row, 'duplicate' as fate, concat('copy of ', k._file, ':', k._line::varchar) as why
from copies c
join judged k on k._row = c.kept_row
union all
select r._row, 'duplicate' as fate, concat('duplicate of ', k._file, ':', k._line::varchar) as why
from repeated r
join judged k on k._row = r.kept_row

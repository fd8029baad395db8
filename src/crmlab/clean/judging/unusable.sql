-- Rows that cannot be used. One dated more than a year after every other day is a slip of the pen.
select
    j._row,
    coalesce(
        j.reason,
        concat(($dated)::varchar, ': ', j.dated_at::date::varchar, ' lies more than a year after every other day')
    ) as why
from judged j
anti join copies c on c._row = j._row
anti join later l on l._row = j._row
where j.reason is not null or j.dated_at::date > ($last)::date

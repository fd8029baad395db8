-- Rows later than a stated as_of.
select j._row
from judged j
anti join copies c on c._row = j._row
where j.dated_at >= (($as_of)::date + 1)::timestamp

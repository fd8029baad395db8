-- Rows that repeat the key of another usable row, with the row that stays: the last by {last}, then by line.
with repeated as (
    select {key}
    from good
    group by {key}
    having count(*) > 1
)
select g._row, first_value(g._row) over w as kept_row
from good g
semi join repeated using ({key})
window w as (partition by {keys} order by {last} desc nulls last, g._row desc)
qualify row_number() over w > 1

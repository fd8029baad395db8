-- Rows that repeat the key of another usable row, with the row that stays: the last by {last}, then by line.
with keyed as (
    select g._row, {last} as last, {keys}
    from good g
),
repeated as (
    select {key}
    from keyed
    group by {key}
    having count(*) > 1
)
select k._row, first_value(k._row) over w as kept_row
from keyed k
semi join repeated using ({key})
window w as (partition by {key} order by k.last desc nulls last, k._row desc)
qualify row_number() over w > 1

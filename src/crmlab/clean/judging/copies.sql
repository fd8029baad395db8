-- Rows that are an exact copy of an earlier row of the export, with the row that stays.
select _row, first_value(_row) over w as kept_row
from text
window w as (partition by {columns} order by _row)
qualify row_number() over w > 1

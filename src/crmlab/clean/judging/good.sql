-- Rows that only another row with the same key can still displace.
select j.*
from judged j
anti join copies c on c._row = j._row
anti join later l on l._row = j._row
anti join unusable u on u._row = j._row

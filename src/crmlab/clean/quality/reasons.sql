-- Why rows were quarantined: the reason without its values, how often, and the first row with it.
with plain as (
    select
        j._file, j._line, j._row, r.why,
        split_part(r.why, ':', 1) as faulty,
        regexp_replace(
            regexp_replace(r.why, '(?s)^[a-z0-9_]+: (''.*'' |-?[0-9][-0-9:. ]* )?', '', 'g'), ' -?[0-9][-0-9:. ]*\z', '', 'g'
        ) as kind
    from rejected r
    join judged j on j._row = r._row
    where r.fate = 'quarantined'
),
numbered as (
    select
        faulty, kind, why, _file, _line,
        row_number() over (partition by faulty, kind order by _row) as place,
        count(*) over (partition by faulty, kind) as n
    from plain
)
select faulty, kind, n::bigint as n, concat(_file, ':', _line::varchar, ' ', why) as example
from numbered
where place = 1
order by n desc, faulty, kind

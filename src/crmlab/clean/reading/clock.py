"""Moments with a time zone in their text, brought to the wall clock of the company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.clean.judging.dates import date_expression
from crmlab.clean.judging.typed import read
from crmlab.clean.reading.cells import quoted

if TYPE_CHECKING:
    import duckdb

_ZONED = "^[ ]*(.*[0-9]:[0-9]{2}.*?)[ ]?(Z|z|UTC|GMT|[+-](0[0-9]|1[0-4])(:?[0-9]{2})?)[ ]*$"
"""A moment, and how far it is from Greenwich."""
_FULL = "T|:[0-9]{2}:"
"""What a moment before a minus has: 14:00-16:00 is an appointment, and no time zone."""
_PLAIN = len("2026-10-01 09:30")
"""No ISO moment with a time zone is as short; most cells are, and are not looked at any closer."""


def to_wall_clock(
    connection: duckdb.DuckDBPyConnection, store: str, columns: list[str], zone: str, dates: tuple[str, ...]
) -> None:
    """Write cells such as 2026-10-01T09:30:00Z or …+08:00 as the time that clocks showed then in `zone`.

    Most files have none: a look at the length and the signs of each cell tells, at next to no cost.

    Parameters
    ----------
    store : a table of text.
    columns : those of dates and times.
    dates : formats that mapping.yaml states, for the part before the time zone.
    """
    if not columns:
        return
    longest = ", ".join(f"max(strlen({quoted(c)}))" for c in columns)
    lengths = connection.execute(f"select {longest} from {store}").fetchall()[0]
    signs = "(strlen({x}) > 19 or suffix({x}, 'Z') or contains({x}, '+')) and regexp_matches({x}, $zoned)"
    zoned = [
        x
        for x in (quoted(c) for c, length in zip(columns, lengths, strict=True) if (length or 0) > _PLAIN)
        if connection.execute(
            f"select 1 from {store} where strlen({x}) > {_PLAIN} and {signs.replace('{x}', x)} limit 1",
            {"zoned": _ZONED},
        ).fetchall()
    ]
    stated, args = date_expression(dates)
    for column in zoned:
        wall = [x for x in (stated.replace("{x}", "wall"), read("time", "wall")) if x.strip()]
        connection.execute(
            f"""
            update {store} set {column} = local::varchar
            from (
                select row_id, timezone($zone, timezone('UTC', coalesce({", ".join(wall)}) - far)) as local
                from (
                    select
                        row_id, away, regexp_extract(cell, $zoned, 1) as wall,
                        case when regexp_matches(away, '[0-9]') then
                            (case when away[1] = '-' then -1 else 1 end)
                            * (interval 1 hour * away[2:3]::int + interval 1 minute * ('0' || replace(away[4:], ':', ''))::int)
                            else interval 0 hour end as far
                    from (
                        select rowid as row_id, {column} as cell, regexp_extract({column}, $zoned, 2) as away
                        from {store}
                        where regexp_matches({column}, $zoned)
                    ) written
                ) parts
                where away[1] <> '-' or regexp_matches(wall, '{_FULL}')
            ) moments
            where {store}.rowid = moments.row_id and local is not null
            """,
            {**args, "zone": zone, "zoned": _ZONED},
        )

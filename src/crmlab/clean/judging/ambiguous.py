"""Dates whose day and month could be confused: the run stops and shows both readings, for a guess would be wrong for half a year."""

from __future__ import annotations

import re

from crmlab.clean.judging.typed import read
from crmlab.engine import DuckDB, Relation
from crmlab.files import CrmlabError
from crmlab.tables import Column, Table

FORM = r"^([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4}|[0-9]{2})([ T]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AaPp][Mm])?)?\z"
"""A day and a month before the year: which is which cannot be seen."""
_PARTS = re.compile(FORM.replace(r"\z", r"\Z"))


def refuse_ambiguous(engine: DuckDB, table: Table, rows: Relation, text: Relation) -> None:
    """Look through the cells that could not be read in the date columns of `table`.

    Parameters
    ----------
    rows : `_row`, `unreadable`: the names of the columns whose cell could not be read.
    text : the cells, by `_row`, with `_file` and `_line`.

    Raises
    ------
    CrmlabError : a column holds dates with the year last. Names a cell, its two readings, and what other cells tell about the order.
    """
    seen = engine.rows("select distinct unreadable from judged where unreadable <> ''", {"judged": rows})
    unreadable = {name for (names,) in seen for name in names.split(",")}
    for column in table.columns:
        if column.kind in ("date", "time") and column.name in unreadable:
            _refuse(engine, table, column, rows, text)


def _refuse(engine: DuckDB, table: Table, column: Column, rows: Relation, text: Relation) -> None:
    cells = f"""
        select x._row, x._file, x._line, {read("fold", f"x.{column.name}")} as written
        from judged j
        join text x on x._row = j._row
        where contains(concat(',', j.unreadable, ','), $marked)
    """
    args = {"marked": f",{column.name},", "form": FORM}
    refuse_told(engine.rows(told(cells), {"judged": rows, "text": text}, args), table.name, column.name)


def told(cells: str) -> str:
    """The statement that says what cells tell about the order of day and month: the first of each sort, and how many.

    Parameters
    ----------
    cells : a SELECT of `_row`, `_file`, `_line` and `written`, a cell that could not be read, folded. `$form` is FORM.
    """
    return f"""
        with cells as (
            {cells}
        ),
        parts as (
            select *, try_cast(regexp_extract(written, $form, 1) as bigint) as a,
                try_cast(regexp_extract(written, $form, 2) as bigint) as b
            from cells
            where regexp_matches(written, $form)
        ),
        told as (
            select *, case
                when a > 12 and b between 1 and 12 then 'day first'
                when b > 12 and a between 1 and 12 then 'month first'
                when a between 1 and 12 and b between 1 and 12 then 'either'
            end as first
            from parts
        ),
        numbered as (
            select first, _file, _line, written, row_number() over (partition by first order by (a = b)::int, _row) as place,
                count(*) over (partition by first) as n
            from told
            where first is not null
        )
        select first, concat(_file, ' line ', _line::varchar) as place, written, n::bigint as n
        from numbered
        where place = 1
        """


def refuse_told(found: list[tuple[str, str, str, int]], table: str, column: str) -> None:
    """Raise CrmlabError where `told` found any cell."""
    cells = {first: (place, cell, n) for first, place, cell, n in found}
    if cells:
        raise CrmlabError(_explained(table, column, cells))


def _explained(table: str, column: str, cells: dict[str, tuple[str, str, int]]) -> str:
    def example(first: str) -> str:
        place, cell, n = cells[first]
        return f"{cell!r} ({place}{f', and {n - 1:,} more' if n > 1 else ''})"

    place, cell, _ = cells.get("either") or min(cells.values())
    told = [first for first in ("day first", "month first") if first in cells]
    if "either" in cells:
        day_first, month_first = readings(cell)
        said = f"{cell!r} can be {day_first} (day first) or {month_first} (month first)"
        said += "".join(f"; {example(first)} is {first}" for first in told)
    else:
        said = " and ".join(f"{example(first)} is {first}" for first in told)
    if len(told) == 2:
        said += "; the column mixes both orders, which no format can tell apart: mend the export"
        return f"{place}, {column}: {said}, or state the order of most cells in mapping.yaml, tables.{table}.dates"
    formats = [date_format(cell, first) for first in (told or ["day first", "month first"])]
    asked = " or ".join(f'tables: {{{table}: {{dates: ["{f}"]}}}}' for f in formats)
    guess = ", but one cell fixes the order for no other" if told and "either" in cells else ""
    return f"{place}, {column}: {said}{guess}; say which in mapping.yaml: {asked}"


def readings(written: str) -> tuple[str, str] | None:
    """The two days that an ambiguous date could be, as ISO text; None where it is not of that form.

    >>> readings("08/01/2009 9:05")
    ('2009-01-08', '2009-08-01')
    """
    if not (found := _PARTS.match(written)):
        return None
    first, second, year = (int(g) for g in found.groups()[:3])
    year += (1900 if year >= 69 else 2000) if year < 100 else 0
    return f"{year}-{second:02}-{first:02}", f"{year}-{first:02}-{second:02}"


def date_format(written: str, first: str = "day first") -> str:
    """The strptime format that reads `written` with its day (or "month first") first.

    >>> date_format("08/01/2009 9:05"), date_format("08.01.09", "month first")
    ('%d/%m/%Y %H:%M', '%m.%d.%y')
    """
    found = _PARTS.match(written)
    order = ["%d", "%m"] if first == "day first" else ["%m", "%d"]
    stated, end = "", 0
    for group, directive in zip((1, 2, 3), (*order, "%Y" if len(found[3]) == 4 else "%y"), strict=True):
        stated += written[end : found.start(group)] + directive
        end = found.end(group)
    clock = written[end:]
    directives = iter(("%I" if clock[-1:].lower() == "m" else "%H", "%M", "%S"))
    return stated + re.sub(
        "[0-9]+|[AaPp][Mm]", lambda word: "%p" if word[0].isalpha() else next(directives), clock
    )

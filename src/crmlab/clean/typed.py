"""The step from text to types, assembled from the contract: one expression of kinds/*.sql per column.

What comes out is the input of <table>.sql, called `typed`: `_row`, `_file`, `_line`, every kept column of the contract in
its type, `unreadable` (names of the columns whose cell holds something that cannot be read, joined by commas) and `fault`
(the first required column that makes the row unusable, as `column: reason`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crmlab.clean.dates import date_expression
from crmlab.tables import Column, Table

KINDS = Path(__file__).parent / "kinds"
PARSED = {
    "date": "time",
    "time": "time",
    "money": "money",
    "number": "number",
    "count": "count",
    "flag": "flag",
}
"""Kinds whose text is parsed, and the file in kinds/ that does it."""
NEEDED = {"id": "", "date": "a date", "time": "a date", "money": "an amount"}
"""Kinds that make a row unusable when a required cell is empty, or is not what it should be."""
SQL_TYPES = {
    "date": "date",
    "time": "timestamp",
    "money": "bigint",
    "count": "bigint",
    "number": "double",
    "flag": "boolean",
}
"""Kinds that are not stored as text."""


@cache
def expression(kind: str) -> str:
    """The expression in kinds/<kind>.sql, without its comment, reading `{x}`."""
    lines = (KINDS / f"{kind}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()


def read(kind: str, x: str) -> str:
    """The expression that reads `x` as `kind`."""
    return expression(kind).replace("{x}", x)


def checked(table: Table) -> list[Column]:
    """The columns whose cells can be unreadable."""
    return [c for c in table.columns if c.kind in PARSED or c.kind == "choice"]


def typed_sql(
    table: Table, present: set[str], null_markers: tuple[str, ...] = (), dates: tuple[str, ...] = ()
) -> tuple[str, dict[str, str]]:
    """The statement that types the text of `table`, and its parameters.

    Reads `text`, `choices` (column_name, written, choice), `people` (written, hashed) and `names` (written, customer_id).

    Parameters
    ----------
    present : the columns that the export has; the others are null.
    null_markers : cells that mean "nothing here".
    dates : strptime formats, tried before the default forms.
    """
    columns = [c for c in table.columns if c.kind != "private"]
    markers = {f"null_{n}": marker for n, marker in enumerate(null_markers)}
    stated, formats = date_expression(dates)
    here = ["_row", "_file", "_line"]
    names = [f"c.{c.name}" for c in columns]  # qualified: a column called `at` cannot stand alone
    cells = [_cell(c, present, list(markers)) for c in columns]
    first = [_first(c, present, table, stated) for c in columns]
    left = [f"c.{c.name} as cell_{c.name}" for c in checked(table)]
    written = [_written(c, list(markers)) for c in checked(table)]
    second = [_second(c, present, stated) for c in columns]
    sql = f"""with cells as (
select
{_list([*here, *cells])}
from text c
),
first as (
select
{_list([*(f"c.{c}" for c in here), *first, *left])}
from cells c
{_joins(table, present)}
),
folded as (
select
{_list([*here, *names, *written])}
from first c
),
second as (
select
{_list([*here, *second, *(f"written_{c.name}" for c in checked(table))])}
from folded c
)
select
{_list([*here, *names, _unreadable(table), _fault(table, stated)])}
from second c"""
    return sql, {**markers, **formats}


def _list(items: list[str]) -> str:
    return ",\n".join(items)


def _cell(column: Column, present: set[str], markers: list[str]) -> str:
    """A cell ready to be read."""
    if column.name not in present:
        return f"cast(null as varchar) as {column.name}"
    if column.kind in PARSED:
        return f"{_without(markers, f'c.{column.name}')} as {column.name}"
    kind = "trim" if column.kind == "text" else "fold"
    return f"{_without(markers, read(kind, f'c.{column.name}'))} as {column.name}"


def _without(markers: list[str], x: str) -> str:
    for marker in markers:
        x = f"nullif({x}, ${marker})"
    return x


def _first(column: Column, present: set[str], table: Table, stated: str) -> str:
    """A cell in its type, read as it stands: nearly all cells need no folding, which costs as much as reading."""
    name, x = column.name, f"c.{column.name}"
    if name == "customer_id":
        by_name = "" if table.name == "customers" else "names.customer_id, "
        return f"coalesce({by_name}{_party(table)}) as customer_id"
    if name not in present:
        return f"cast(null as {SQL_TYPES.get(column.kind, 'varchar')}) as {name}"
    found = {
        "choice": f"choice_{name}.choice",
        "person": f"person_{name}.hashed",
        "text": read("scrub", x),
    }
    return f"{_parsed(column, x, stated) if column.kind in PARSED else found.get(column.kind, x)} as {name}"


def _written(column: Column, markers: list[str]) -> str:
    """What stands in a cell that could not be read, folded; null where nothing does."""
    cell = f"cell_{column.name}"
    if column.kind in PARSED:
        cell = _without(markers, read("fold", cell))
    return f"case when c.{column.name} is null then {cell} end as written_{column.name}"


def _second(column: Column, present: set[str], stated: str) -> str:
    """A cell in its type, read once more after folding where the first reading failed."""
    name = column.name
    if column.kind not in PARSED or name not in present:
        return f"c.{name}"
    return f"coalesce(\nc.{name},\n{_parsed(column, f'written_{name}', stated)}\n) as {name}"


def _parsed(column: Column, x: str, stated: str) -> str:
    value = read(PARSED[column.kind], x)
    if stated and column.kind in ("date", "time"):
        value = f"coalesce(\n{stated.replace('{x}', x)},\n{value}\n)"
    return f"({value})::date" if column.kind == "date" else value


def _party(table: Table) -> str:
    """The customer as the row names it: by number, else by name."""
    named = any(c.name == "customer_name" for c in table.columns)
    return "c.customer_id, c.customer_name" if named else "c.customer_id, null"


def _joins(table: Table, present: set[str]) -> str:
    joins = []
    for name, kind in ((c.name, c.kind) for c in table.columns if c.name in present):
        if kind == "choice":
            joins.append(
                f"left join choices choice_{name} on choice_{name}.column_name = '{name}' and choice_{name}.written = lower(c.{name})"
            )
        if kind == "person":
            joins.append(f"left join people person_{name} on person_{name}.written = c.{name}")
    if table.name != "customers" and any(c.name == "customer_id" for c in table.columns):
        joins.append(f"left join names on names.written = coalesce({_party(table)})")
    return "\n".join(joins)


def _unreadable(table: Table) -> str:
    names = [
        f"case when written_{c.name} is not null and c.{c.name} is null then '{c.name}' end"
        for c in checked(table)
    ]
    return f"concat_ws(',', {', '.join(names)}) as unreadable" if names else "'' as unreadable"


def _fault(table: Table, stated: str) -> str:
    needed = NEEDED if stated else {**NEEDED, **dict.fromkeys(("date", "time"), "a date (year-month-day)")}
    faults = []
    for c in table.columns:
        if not c.required or c.kind not in needed:
            continue
        if needed[c.kind]:
            cell = read("scrub", f"written_{c.name}")  # a cell too far left or right may hold a phone number
            said = f"concat('{c.name}: ''', left({cell}, 40), ''' is not {needed[c.kind]}')"
            faults.append(f"when c.{c.name} is null and written_{c.name} is not null then {said}")
        faults.append(f"when c.{c.name} is null then '{c.name}: empty'")
    return _lines("case", *faults, "end as fault") if faults else "cast(null as varchar) as fault"


def _lines(*lines: str) -> str:
    return "\n".join(lines)

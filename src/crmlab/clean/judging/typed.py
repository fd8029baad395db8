"""The step from text to types, assembled from the contract: one expression of kinds/*.sql per column.

What comes out is the input of <table>.sql, called `typed`: `_row`, `_file`, `_line`, every kept column of the contract in
its type, `unreadable` (names of the columns whose cell holds something that cannot be read, joined by commas) and `fault`
(the first thing that makes the row useless, as `column: reason`; see reasons.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

from crmlab.clean.judging.dates import date_expression
from crmlab.clean.judging.kinds import read
from crmlab.clean.judging.kinds.currencies import foreign
from crmlab.clean.judging.reasons import CELL, case, of_cells
from crmlab.clean.people.scrub import named, nameless, people, scrubbed
from crmlab.tables import Column, Table

__all__ = ["PARSED", "SQL_TYPES", "checked", "read", "typed_sql"]

PARSED = {
    "date": "time",
    "time": "time",
    "money": "money",
    "number": "number",
    "count": "count",
    "flag": "flag",
}
"""Kinds whose text is parsed, and the file in kinds/ that does it."""
SQL_TYPES = {
    "date": "date",
    "time": "timestamp",
    "money": "bigint",
    "count": "bigint",
    "number": "double",
    "flag": "boolean",
}
"""Kinds that are not stored as text."""
_DECIMAL = ("money", "number", "count")
"""Kinds in which a comma may stand for the decimal point."""
_UNFOLDED = "[！-～　−\\x{A0}\\x00]|[|][ \\t\\r\\n]|[ \\t\\r\\n][|]"
"""What kinds/fold.sql changes in a cell, looked for in all cells of a row at once: one search costs less than twenty."""
_GAP = "[ \\x{A0}\\x{202F}]"
"""Where the comma is the decimal point, a space, broad or narrow, may part the thousands."""


def checked(table: Table) -> list[Column]:
    """The columns whose cells can be unreadable."""
    return [c for c in table.columns if c.kind in PARSED or c.kind == "choice"]


def typed_sql(
    table: Table,
    present: set[str],
    null_markers: tuple[str, ...] = (),
    dates: tuple[str, ...] = (),
    decimal: str = ".",
    veiled: Collection[str] = (),
    currency: str = "",
) -> tuple[str, dict[str, str]]:
    """The statement that types the text of `table`, and its parameters.

    Reads `text`, `choices` (column_name, written, choice), `people` (written, hashed), `hidden` (column_name, written, shown) and
    `names` (written, customer_id).

    Parameters
    ----------
    present : the columns that the export has; the others are null.
    null_markers : cells that mean "nothing here".
    dates : strptime formats, tried before the default forms.
    decimal : "," where amounts are written 1.706,02.
    veiled : the columns of which `hidden` has cells.
    currency : of the books; an amount that names another is none of theirs. Any is read where it is empty.
    """
    columns = [c for c in table.columns if c.kind != "private"]
    markers = {f"null_{n}": marker for n, marker in enumerate(null_markers)}
    stated, formats = date_expression(dates)
    parsed = partial(_parsed, stated=stated, comma=decimal == ",", currency=currency)
    rows = ["_row", "_file", "_line"]
    here = [*rows, *(f"person_{name}" for name in people(table, present))]
    names = [c.name for c in columns]
    written = [f"written_{c.name}" for c in checked(table)]
    whole = [c.name for c in table.columns if c.name in present and c.kind not in (*PARSED, "text")]
    plain = _in_no(_UNFOLDED, [f"t.{name}" for name in whole])
    cells = [
        *_of("t", rows),
        *named(table, present, "t.", plain="t.plain"),
        *(_cell(c, present, list(markers)) for c in columns),
    ]
    # before anything joins by them, so that both sides have lost the same
    safe = [_safe(c, veiled) for c in columns]
    hides = [
        f"left join hidden hidden_{c} on hidden_{c}.column_name = '{c}' and hidden_{c}.written = w.{c}"
        for c in sorted(veiled)
    ]
    first = [_first(c, present, table, parsed) for c in columns]
    left = [f"c.{c.name} as cell_{c.name}" for c in checked(table)]
    folded = [_written(c, list(markers)) for c in checked(table)]
    second = [_second(c, present, table, parsed) for c in columns]
    # a cell too far left or right may hold a name or a phone number
    faults, faulty = of_cells(table, bool(stated), foreign(currency) if currency else "")
    shown = scrubbed("s.faulty", table, present, "s.")
    said = case(faults)
    fault = f"case when s.faulty is null then {said} else replace({said}, '{CELL}', left({shown}, 40)) end"
    sql = f"""with exported as (
select t.*, {plain} as plain
from text t
),
written as (
select
{_list(cells)}
from exported t
),
cells as (
select
{_list([*_of("w", here), *safe])}
from written w
{_lines(hides)}
),
first as (
select
{_list([*_of("c", here), *first, *left])}
from cells c
{_joins(table, present)}
),
folded as (
select
{_list([*_of("f", [*here, *names]), *folded])}
from first f
),
second as (
select
{_list([*_of("f", here), *second, *_of("f", written)])}
from folded f
),
third as (
select s.*, {faulty} as faulty
from second s
)
select
{_list([*_of("s", [*rows, *names]), _unreadable(table), f"{fault} as fault"])}
from third s"""
    return sql, {**markers, **formats}


def _in_no(pattern: str, cells: list[str]) -> str:
    """Whether `pattern` is found in none of the cells of a row; `|` stands between them and at both ends."""
    if not cells:
        return "true"
    return f"not regexp_matches(concat('|', concat_ws('|', {', '.join(cells)}), '|'), '{pattern}')"


def _safe(column: Column, veiled: Collection[str]) -> str:
    """A cell without people."""
    name, x = column.name, f"w.{column.name}"
    return f"{f'coalesce(hidden_{name}.shown, {x})' if name in veiled else x} as {name}"


def _of(row: str, names: Iterable[str]) -> list[str]:
    """Columns by their row, for `at` alone is a word of SQL."""
    return [f"{row}.{name}" for name in names]


def _lines(items: Iterable[str]) -> str:
    return "\n".join(items)


def _list(items: Iterable[str]) -> str:
    return ",\n".join(items)


def _cell(column: Column, present: set[str], markers: list[str]) -> str:
    """A cell ready to be read."""
    name, x = column.name, f"t.{column.name}"
    if name not in present:
        return f"cast(null as varchar) as {name}"
    if column.kind == "text":
        x = read("trim", x)
    elif column.kind not in PARSED:
        x = f"case when t.plain then nullif({x}, '') else {read('fold', x)} end"
    return f"{_without(markers, x)} as {name}"


def _without(markers: list[str], x: str) -> str:
    for marker in markers:
        x = f"nullif({x}, ${marker})"
    return x


def _first(column: Column, present: set[str], table: Table, parsed) -> str:
    """A cell in its type, read as it stands: nearly all cells need no folding, which costs as much as reading."""
    name, x = column.name, f"c.{column.name}"
    if name == "customer_id":
        by_name = "" if table.name == "customers" else "names.customer_id, "
        return f"coalesce({by_name}{_party(table)}) as customer_id"
    if name not in present:
        return f"cast(null as {SQL_TYPES.get(column.kind, 'varchar')}) as {name}"
    if column.kind in PARSED:
        return f"{parsed(column, x)} as {name}"
    if column.choices:
        known = f"choice_{name}.choice"
        return f"{known if column.kind == 'choice' else f'coalesce({known}, {x})'} as {name}"
    return f"{f'person_{name}.hashed' if column.kind == 'person' else x} as {name}"


def _written(column: Column, markers: list[str]) -> str:
    """What stands in a cell that could not be read, folded; null where nothing does."""
    cell = f"f.cell_{column.name}"
    if column.kind in PARSED:
        cell = _without(markers, read("fold", cell))
    return f"case when f.{column.name} is null then {cell} end as written_{column.name}"


def _second(column: Column, present: set[str], table: Table, parsed) -> str:
    """A cell in its type, read once more after folding where the first reading failed; free text without the people of its row."""
    name, x = column.name, f"f.{column.name}"
    if column.kind == "text" and people(table, present):
        return f"{nameless(x, table, present, 'f.')} as {name}"
    if column.kind not in PARSED or name not in present:
        return x
    return f"coalesce(\n{x},\n{parsed(column, f'f.written_{name}')}\n) as {name}"


def _parsed(column: Column, x: str, *, stated: str, comma: bool, currency: str) -> str:
    if comma and column.kind in _DECIMAL:
        grouped = f"regexp_matches({x}, '^[^0-9]*[0-9]{{1,3}}({_GAP}[0-9]{{3}})+(,[0-9]+)?[^0-9]*\\z')"
        x = f"translate(case when {grouped} then regexp_replace({x}, '{_GAP}', '', 'g') else {x} end, '.,', ',.')"
    if comma and column.kind in ("date", "time"):  # a spreadsheet's day number
        x = f"case when regexp_matches({x}, '^[0-9]{{5}},[0-9]+\\z') then replace({x}, ',', '.') else {x} end"
    value = read(PARSED[column.kind], x, currency)
    if stated and column.kind in ("date", "time"):
        value = f"coalesce(\n{stated.replace('{x}', x)},\n{value}\n)"
    return f"({value})::date" if column.kind == "date" else value


def _party(table: Table) -> str:
    """The customer as the row names it: by number, else by name."""
    named = any(c.name == "customer_name" for c in table.columns)
    return "c.customer_id, c.customer_name" if named else "c.customer_id, null"


def _joins(table: Table, present: set[str]) -> str:
    joins = []
    for column in (c for c in table.columns if c.name in present):
        name = column.name
        if column.choices:
            joins.append(
                f"left join choices choice_{name} on choice_{name}.column_name = '{name}' and choice_{name}.written = lower(c.{name})"
            )
        if column.kind == "person":
            joins.append(f"left join people person_{name} on person_{name}.written = c.{name}")
    if table.name != "customers" and any(c.name == "customer_id" for c in table.columns):
        joins.append(f"left join names on names.written = coalesce({_party(table)})")
    return "\n".join(joins)


def _unreadable(table: Table) -> str:
    names = [
        f"case when s.written_{c.name} is not null and s.{c.name} is null then '{c.name}' end"
        for c in checked(table)
    ]
    return f"concat_ws(',', {', '.join(names)}) as unreadable" if names else "'' as unreadable"

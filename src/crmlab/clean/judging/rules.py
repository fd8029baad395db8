"""The rules of a table, assembled from the contract: what makes a row contradict itself, and what a stated day did not know yet.

A table needs SQL of its own (<table>.sql) only for what the contract cannot say. It reads `typed` and gives `mended`: the columns that
typed.py describes, some of them mended or added.
"""

from __future__ import annotations

from pathlib import Path

from crmlab.clean.judging.reasons import case, contradictions
from crmlab.clean.judging.typed import read
from crmlab.tables import Column, Table

HERE = Path(__file__).parent
_PLACE = "concat(t._file, ':', t._line::varchar)"
_DERIVED = {"machine_family": "left(t.machine_model, 4)", "known": "true"}
"""Derived columns that every table makes alike."""
_LATER = {"n_causes"}
"""Derived columns that are made when a table is written."""
_DATED = {"contracts": "least(t.signed_at, t.start_at)"}
"""Where no single column says when a row became known: a term is, from the day it was signed, at the latest from its first day."""


def own_sql(table: Table) -> Path | str:
    """The SELECT that mends the rows of `table`: its own file, or one that changes nothing."""
    own = HERE / f"{table.name}.sql"
    numbers = "".join(f", cast(null as varchar) as {c.name}" for c in table.derived if c.name in table.key)
    return own if own.is_file() else f"select t.*{numbers} from typed t"


def judged_sql(table: Table, clock: bool = False) -> str:
    """The rows of `mended` with a verdict: `dated_at`, `reason` (null where the row can be used), `twice`.

    A missing key is file:line. A cell learnt after a stated as-of day is empty. A row contradicts itself where a column exceeds the one
    it must not, or is negative and must not be; a moment that is only a day, or that lies in an hour which the clock shows twice, does
    not come too early, and then counts as the moment before it.

    Parameters
    ----------
    clock : there is a relation `clock` (day, starts, ends) of the hours shown twice; see repeated_hours.py.
    """
    joins, twice = _repeated_hours(table) if clock else ("", "false")
    cells = [f"{_cell(table, c)} as {c.name}" for c in table.kept if c.name not in _LATER]
    dated = _DATED.get(table.name, f"t.{table.dated}" if table.dated else "null")
    return f"""select
    t._row, t._file, t._line,
    {", ".join(cells)},
    cast({dated} as timestamp) as dated_at,
    t.unreadable,
    {twice} as twice,
    coalesce(t.fault, {case(contradictions(table, twice))}) as reason
from mended t
{joins}"""


def _repeated_hours(table: Table) -> tuple[str, str]:
    """The joins with the repeated hours, and what is true where two moments of a row are out of order only by the clock."""
    joins, tests = "", []
    for a, b in table.ordered:
        if table.column(a).kind == table.column(b).kind == "time":
            hour = f"clock_{b}"
            joins += f"left join clock {hour} on {hour}.day = t.{a}::date\n"
            tests.append(f"(t.{b} < t.{a} and t.{a} < {hour}.ends and t.{b} >= {hour}.starts)")
    return joins, f"coalesce({' or '.join(tests)}, false)" if tests else "false"


def _cell(table: Table, column: Column) -> str:
    x = _DERIVED.get(column.name, f"t.{column.name}")
    if column.name == "service_level":
        x = read("level", x)
    if column.name == table.key[0] and not column.required:
        x = f"coalesce({x}, {_PLACE})"
    for a, b in table.ordered:
        if column.name == b and column.kind == "time":
            x = f"case when t.{b} < t.{a} then t.{a} else t.{b} end"
    return _known(x, column)


def _known(x: str, column: Column) -> str:
    if not column.known_on:
        return x
    return f"case when coalesce(t.{column.known_on} < (($as_of)::date + 1)::timestamp, true) then {x} end"

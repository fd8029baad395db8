"""Event logs: of the rows about one thing, the last is how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.clean.judging.ambiguous import FORM, refuse_told, told
from crmlab.clean.judging.dates import READ, date_expression
from crmlab.clean.judging.typed import read
from crmlab.clean.reading.mapping import Keep
from crmlab.files import CrmlabError

if TYPE_CHECKING:
    import duckdb


def keep_last(
    connection: duckdb.DuckDBPyConnection,
    store: str,
    keep: Keep,
    *,
    table: str,
    dates: tuple[str, ...] = (),
    decimal: str = ".",
    null_markers: tuple[str, ...] = (),
) -> None:
    """Set `_keep` to false on all but the last row of each `_per` by `_by`; rows without a `_per` all stay.

    The last is the one with the latest date or the highest number, as parsed, whichever more cells are; what cannot be parsed
    comes first, and of equal rows the later line is the last.

    Parameters
    ----------
    store : a table with `_file`, `_shift`, `_per`, `_by` and `_keep`, its rows in file order.
    keep, table : for messages.
    dates : formats that mapping.yaml states, tried before the forms that are always read.
    decimal, null_markers : as mapping.yaml states them.

    Raises
    ------
    CrmlabError : no cell of `_by` is a date or a number, or the order of day and month cannot be told.
    """
    stated, args = date_expression(dates)
    comma = decimal == ","
    number = "translate(by_text, '.,', ',.')" if comma else "by_text"
    moment = "replace(by_text, ',', '.')" if comma else "by_text"  # 39821,37 is a spreadsheet's day number
    forms = [x for x in (stated.replace("{x}", "by_text"), read("time", moment)) if x.strip()]
    connection.execute(
        f"""
        create or replace temp table event_log as
        select
            _row, _file, _line, per_text, by_text, coalesce({", ".join(forms)}) as moment, {read("number", number)} as amount
        from (
            select
                rowid as _row, _file, rowid + _shift as _line,
                {_given("_per")} as per_text, {_given("_by")} as by_text
            from {store}
            where _keep
        ) folded
        where per_text is not null
        """,
        {**args, "markers": list(null_markers)},
    )
    counts = "select count(by_text), count(moment), count(amount) from event_log"
    [(given, moments, amounts)] = connection.execute(counts).fetchall()
    by = "moment" if moments >= amounts else "amount"
    if not dates:
        unread = f"select _row, _file, _line, by_text as written from event_log where {by} is null and by_text is not null"
        refuse_told(connection.execute(told(unread), {"form": FORM}).fetchall(), table, keep.last_by)
    if given and not max(moments, amounts):
        first = "select _file, _line, by_text from event_log where by_text is not null order by _row limit 1"
        [(file, line, text)] = connection.execute(first).fetchall()
        raise CrmlabError(
            f"{file} line {line}, {keep.last_by}: {text!r} is neither a date nor a number, nor is any other cell by which "
            f"tables.{table}.keep of mapping.yaml tells the last row; expected {READ} or numbers. "
            f"Go by another column, or state the form: tables: {{{table}: {{dates: [<format>]}}}}"
        )
    connection.execute(
        f"""
        update {store} set _keep = false
        from (
            select _row from event_log
            qualify row_number() over (partition by per_text order by {by} desc nulls last, _row desc) > 1
        ) earlier
        where {store}.rowid = earlier._row
        """
    )
    connection.execute("drop table event_log")


def _given(column: str) -> str:
    """A cell, folded; null where it is empty or a marker says that it means nothing."""
    folded = read("fold", column)
    return f"case when not list_contains($markers::varchar[], {folded}) then {folded} end"

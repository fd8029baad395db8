"""Event logs: of the rows about one thing, the last is how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.clean.dates import date_expression
from crmlab.clean.typed import read

if TYPE_CHECKING:
    import duckdb


def keep_last(connection: duckdb.DuckDBPyConnection, store: str, dates: tuple[str, ...]) -> None:
    """Set `_keep` to false on all but the last row of each `_per` by `_by`; rows without a `_per` all stay.

    The last is the one with the latest date or the highest number, as parsed; what cannot be parsed comes first, and of equal
    rows the later line is the last.

    Parameters
    ----------
    store : a table with `_per`, `_by` and `_keep`, its rows in file order.
    dates : formats that mapping.yaml states, tried before the forms that are always read.
    """
    stated, args = date_expression(dates)
    forms = [x for x in (stated.replace("{x}", "by_text"), read("time", "by_text")) if x.strip()]
    connection.execute(
        f"""
        create or replace temp table event_log as
        select
            row_id, per_text, coalesce({", ".join(forms)}) as moment, {read("number", "by_text")} as amount,
            by_text is not null as given
        from (
            select rowid as row_id, {read("fold", "_per")} as per_text, {read("fold", "_by")} as by_text
            from {store}
            where _keep
        ) folded
        where per_text is not null
        """,
        args,
    )
    numbers = "select coalesce(bool_and(amount is not null), false) from event_log where given"
    by = "amount" if connection.execute(numbers).fetchall()[0][0] else "moment"
    connection.execute(
        f"""
        update {store} set _keep = false
        from (
            select row_id from event_log
            qualify row_number() over (partition by per_text order by {by} desc nulls last, row_id desc) > 1
        ) earlier
        where {store}.rowid = earlier.row_id
        """
    )
    connection.execute("drop table event_log")

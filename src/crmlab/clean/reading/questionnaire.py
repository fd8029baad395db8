"""Answers that stand side by side become one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.clean.reading.cells import quoted
from crmlab.clean.reading.mapping import Unpivot

if TYPE_CHECKING:
    import duckdb


def unpivot(
    connection: duckdb.DuckDBPyConnection,
    wide: str,
    store: str,
    melted: list[str],
    columns: list[str],
    how: Unpivot,
    before: int,
    null_markers: tuple[str, ...],
) -> int:
    """Add a row to `store` for every answer in `wide`, in the order of rows and headers; how many.

    Parameters
    ----------
    wide : `_file`, `_shift`, `_keep`, the other `columns`, and the answers as `_answer_0` … for the headers `melted`.
    before : rows that `store` has.
    null_markers : texts that are no answer, beside the empty one.
    """
    listed = "".join(f", {quoted(c)}" for c in columns)
    answers = ", ".join(f"_answer_{n}" for n in range(len(melted)))
    return connection.execute(
        f"""
        insert into {store} by name
        select
            _file, _keep{listed}, ($headers::varchar[])[place] as {quoted(how.name)}, answer as {quoted(how.value)},
            line - ($before - 1 + row_number() over (order by row_id, place)) as _shift
        from (
            select
                rowid as row_id, rowid + _shift as line, _file, _keep{listed},
                unnest([{answers}]) as answer, generate_subscripts([{answers}], 1) as place
            from {wide}
        ) answers
        where trim(answer, ' \t\r\n\u3000\u00a0') <> '' and not list_contains($markers::varchar[], trim(answer))
        order by row_id, place
        """,
        {"headers": melted, "before": before, "markers": list(null_markers)},
    ).fetchall()[0][0]

"""A table of one figure by two things: rows and columns of words, cells that are darker where the figure is larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmlab.report.messages import Message, Value, formatted
from crmlab.report.messages import term as word

if TYPE_CHECKING:
    import pandas as pd

SHADES = 5
"""Steps from light to dark; page.css has the colours."""


@dataclass(frozen=True)
class Cell:
    """One figure, how dark it is (0 is no shade at all), a second figure below it, and whether it stands in a frame."""

    value: Value | Message | str
    shade: int
    more: Value | Message | None = None
    framed: bool = False


@dataclass(frozen=True)
class Matrix:
    """What `Page.matrix` shows: the word in the corner, the columns, and each row with its cells."""

    corner: Message
    headings: list[Message | str]
    rows: list[tuple[Message | str, list[Cell]]]


def matrix(
    frame: pd.DataFrame,
    row: str,
    column: str,
    value: str,
    corner: Message,
    format: str = "number",
    term: str | None = None,
) -> Matrix:
    """`value` by the words in `row` and the words in `column`, in the order in which they first stand in `frame`.

    Parameters
    ----------
    frame : one row per cell; a cell that is not there stays empty.
    corner : what the rows are.
    format, term : column format of the figures; vocabulary of the rows.
    """
    rows, columns = (list(dict.fromkeys(frame[name])) for name in (row, column))
    figures = {(r, c): x for r, c, x in frame[[row, column, value]].itertuples(index=False)}
    largest = max((x for x in figures.values() if x == x), default=0)

    def cell(r: str, c: str) -> Cell:
        x = figures.get((r, c))
        known = x is not None and x == x and largest > 0
        return Cell(formatted(format, x), round(SHADES * x / largest) if known else 0)

    named = [word(term, r) if term else r for r in rows]
    return Matrix(
        corner, columns, [(name, [cell(r, c) for c in columns]) for name, r in zip(named, rows, strict=True)]
    )

"""Columns: which deserve a look, because they are hard to read or often empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.messages import Message, count, listed, percent, say, sentences, term

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.findings.scorecard import Scorecard

TRUSTED = 0.95
"""Share of filled or readable cells below which a column deserves a look."""
_READABLE = 0.999  # of the filled cells
_RARE = 0.5  # share of rows; a column filled more rarely may be meant so
_SHOWN = 12


def columns(found: Scorecard) -> pd.DataFrame:
    """The exported columns with `look` (what deserves a look, a message, else None), those that do first: the hardest to read, then
    the emptiest.
    """
    seen = found.quality[found.quality["exported"].astype(bool)].copy()
    seen["filled"] = seen["completeness"].astype(float).fillna(1)
    seen["readable"] = seen["validity"].astype(float).fillna(1)
    seen["look"] = [_look(row) for row in seen.to_dict("records")]
    seen["clear"] = seen["readable"].where(seen["readable"] < _READABLE, 1)
    seen["plain"] = seen["look"].isna()
    return seen.sort_values(["plain", "clear", "filled", "table", "column"])


def _look(row: dict) -> Message | None:
    if not row["rows"]:
        return None
    if row["readable"] < _READABLE:
        return say("cells that cannot be read: {n}", n=count(row["unreadable"]))
    if row["filled"] == 0:
        return say("always empty")
    if _RARE <= row["filled"] < TRUSTED:
        return say("empty in {share} of rows", share=percent(1 - row["filled"]))
    return None


def looked_at(seen: pd.DataFrame) -> pd.DataFrame:
    """The first rows of `columns` that deserve a look."""
    return seen[seen["look"].notna()].head(_SHOWN)


def rare(seen: pd.DataFrame) -> Message | None:
    """The columns that fewer than half of the rows fill, which may be their nature, in one sentence."""
    few = seen[(seen["filled"] > 0) & (seen["filled"] < _RARE)].sort_values(["table", "column"])
    if few.empty:
        return None
    names = [term("column", c) for c in few["column"].head(_SHOWN)]
    return say(
        "Filled in fewer than half of the rows, which may be their nature: {columns}.", columns=listed(names)
    )


def note(seen: pd.DataFrame) -> Message | str:
    """How to read the columns, and which are rarely filled."""
    how = say(
        "Filled: of all rows. Readable: of the filled cells. An unreadable cell counts as empty; the row stays unless it cannot do without."
    )
    few = rare(seen)
    return sentences([how, few] if few else [how])


def title(seen: pd.DataFrame) -> Message:
    """The finding over the columns: how many are filled and readable."""
    good = int(seen["look"].isna().sum())
    if good == len(seen):
        return say("Columns that deserve a look: none of {n}", n=count(good))
    return say(
        "Columns that deserve a look: {n} of {total}, often empty or with cells that cannot be read",
        n=count(len(seen) - good),
        total=count(len(seen)),
    )

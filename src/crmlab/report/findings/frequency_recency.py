"""The square of customers by number of purchases and time since the last one: who is quiet but valuable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.matrix import SHADES, Cell, Matrix
from crmlab.report.messages import Message, Value, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd


def _band(low: Any, high: Any) -> Message | Value:
    if is_missing(high):
        return say("{low} and more", low=count(low))
    return count(low) if low == high else say("{low} to {high}", low=count(low), high=count(high))


def valuable(matrix: pd.DataFrame, alive: float) -> pd.DataFrame:
    """The cells of table `matrix` whose customers spent more than the mean of all and are less likely than `alive` still customers."""
    rows = plain(matrix)
    rows = rows[rows["n"] > 0]
    mean = rows["amount"].sum() / max(rows["n"].sum(), 1)
    return rows[(rows["amount"] / rows["n"] > mean) & (rows["p_alive"] < alive)]


def square(matrix: pd.DataFrame, alive: float) -> Matrix:
    """Customers by purchases (the most on top) and time since the last one (the longest first), with their mean chance of still being
    customers.

    The colour is the chance; framed are the `valuable` cells.
    """
    rows = plain(matrix).sort_values(["purchases_from", "since_from"])
    framed = set(valuable(matrix, alive).index)
    bought = rows.drop_duplicates("purchases_from")[["purchases_from", "purchases_to"]]
    silent = rows.drop_duplicates("since_from").sort_values("since_from", ascending=False)
    by_cell = {(row.purchases_from, row.since_from): row for row in rows.itertuples()}

    def cell(purchases: float, since: float) -> Cell:
        row = by_cell.get((purchases, since))
        if row is None or not row.n:
            return Cell(count(0), 0)
        if is_missing(row.p_alive):
            return Cell(count(row.n), 0)
        shade = round(SHADES * row.p_alive)
        return Cell(count(row.n), shade, percent(row.p_alive), row.Index in framed)

    lines = [
        (_band(*band), [cell(band[0], since) for since in silent["since_from"]])
        for band in bought.iloc[::-1].itertuples(index=False, name=None)
    ]
    headings = [
        say("{band} days", band=_band(*band))
        for band in zip(silent["since_from"], silent["since_to"], strict=True)
    ]
    return Matrix(say("Purchases"), headings, lines)


def square_title(matrix: pd.DataFrame, alive: float) -> Message:
    """The finding over the square: how many good customers have been silent for too long."""
    if plain(matrix)["p_alive"].isna().all():
        return say("Customers by number of purchases and days since the last one")
    found = valuable(matrix, alive)
    if found.empty:
        return say("No group of customers who spent more than most has been silent for too long")
    return say(
        "Quiet but valuable: {n} customers in the framed cells spent more than most, {amount} to date, and have been silent for too "
        "long",
        n=count(found["n"].sum()),
        amount=money(found["amount"].sum()),
    )


def square_note(matrix: pd.DataFrame, alive: float) -> Message:
    """How to read the square."""
    if plain(matrix)["p_alive"].isna().all():
        return say(
            "Number of customers by purchases to date (rows) and days since the last one (columns). No model says how likely they "
            "still are customers."
        )
    return say(
        "Number of customers by purchases to date (rows) and days since the last one (columns); beside it, and as colour, their mean "
        "chance of still being customers. Framed: below {alive}, and spent more than the mean customer.",
        alive=percent(alive),
    )

"""Sentences and rows about whether the books of the customers add up to the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_words import COMPONENTS
from crmlab.report.messages import Message, count, money, say

if TYPE_CHECKING:
    import pandas as pd

_SIDES = {"income": say("income"), "cost": say("cost")}


def books(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """Table reconciliation in words, in the order of `COMPONENTS`, without components that no line belongs to; `name`, `side_said`."""
    rows = plain(reconciliation)
    rows = rows[(rows["lines"] > 0) | (rows["difference"] != 0) & rows["difference"].notna()]
    rows["place"] = rows["component"].map({name: i for i, name in enumerate(COMPONENTS)}).astype(float)
    rows = rows.sort_values(["place", "component"], ignore_index=True)
    rows["name"] = [COMPONENTS.get(component, component) for component in rows["component"]]
    rows["side_said"] = [_SIDES.get(side, side) for side in rows["side"]]
    return rows


def title(reconciliation: pd.DataFrame) -> Message:
    """The finding over the reconciliation: whether it adds up, and what names no customer."""
    rows = books(reconciliation)
    if rows.empty:
        return say("There are no lines to reconcile")
    off = rows[rows["difference"] != 0]
    if len(off):
        worst = off.loc[off["difference"].abs().idxmax()]
        return say(
            "The books do not add up: {name} differ by {amount}; {k} of {n} components are off",
            name=worst["name"],
            amount=money(worst["difference"]),
            k=count(len(off)),
            n=count(len(rows)),
        )
    nobody = rows["nobody"] * rows["side"].map({"income": 1.0, "cost": -1.0}).astype(float)
    words = {"n": count(rows["lines"].sum())}
    if (rows["nobody"].fillna(0) == 0).all():
        return say("The books add up: {n} lines, each with a customer, no difference to the ledger", **words)
    words["amount"] = money(abs(nobody.sum()))
    if nobody.sum() < 0:
        return say(
            "The books add up: {n} lines, no difference to the ledger; {amount} of cost belongs to no named customer",
            **words,
        )
    return say(
        "The books add up: {n} lines, no difference to the ledger; {amount} of profit belongs to no named customer",
        **words,
    )


BOOKS = say(
    "Ledger: added up over the lines, without regard to customers. Difference: ledger less customers, less lines that name no customer, less "
    "what is invoiced for days to come; it must be nothing, to the last cent."
)
"""How to read the reconciliation."""

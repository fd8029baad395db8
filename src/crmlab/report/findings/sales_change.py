"""Sentences and rows about what the change of sales is made of, and about how few customers and products bring most of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.gaps import PRODUCTS, gap
from crmlab.report.findings.groups import plain
from crmlab.report.findings.sales import HELD, year_before
from crmlab.report.messages import Message, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

PARTS = {
    "customers": {
        "won": say("new customers"),
        "won_back": say("customers won back"),
        "more": say("customers who bought more"),
        "less": say("customers who bought less"),
        "lost": say("customers who bought nothing any more"),
    },
    "rhythm": {
        "customers": say("number of customers"),
        "frequency": say("purchases a customer"),
        "spend": say("amount of a purchase"),
    },
    "price": {
        "volume": say("pieces sold"),
        "mix": say("mix of products"),
        "price": say("list prices"),
        "discount": say("discounts"),
        "new_products": say("new products"),
        "dropped_products": say("products no longer sold"),
    },
}
"""The kinds of split and their parts in words, in their order."""
UNTOLD = "not_told"
"""The part of lines that do not say, or of all where the years cannot be compared."""
NOT_TOLD = say("cannot be told")
TOTAL = say("change in all")
"""The sum below the parts."""

_NAMED = {
    "customers": say("Change by customers"),
    "rhythm": say("Change by number of customers, rhythm and amount"),
    "price": say("Change by volume, price and mix"),
}
_NEXT = {
    "won": say("look after the new customers: their second purchase decides"),
    "won_back": say("find out what won them back"),
    "more": say("find out what they buy more of, and offer it to others"),
    "less": say("ask those who bought less why"),
    "lost": say("call those who bought nothing any more"),
}
_RULE = (0.75, 0.85)  # share of the largest fifth that is still called 80/20


def split(change: pd.DataFrame, of: str) -> pd.DataFrame:
    """The parts of one kind of split in their order, `name` in words; parts of nothing are left out, and all where none is told."""
    rows = plain(change[change["of"] == of])
    order = {part: place for place, part in enumerate(PARTS[of])}
    rows = rows.assign(place=rows["part"].map(order).fillna(len(order)))
    rows = rows[rows["amount"].notna() & (rows["amount"] != 0)].sort_values("place", ignore_index=True)
    rows = rows if (rows["part"] != UNTOLD).any() else rows.head(0)
    rows["name"] = [PARTS[of].get(part, NOT_TOLD) for part in rows["part"]]
    return rows


def _most(rows: pd.DataFrame) -> pd.Series | None:
    """The part that moved sales most in the direction in which they moved."""
    told = rows[rows["part"] != UNTOLD]
    total = rows["amount"].sum()
    same = told[told["amount"] * total > 0]
    return None if same.empty else same.loc[same["amount"].abs().idxmax()]


def title(change: pd.DataFrame, of: str, status: Mapping[str, Any]) -> Message:
    """The finding over a split: the part that moved sales most in the direction in which they moved."""
    rows = split(change, of)
    named = _NAMED[of]
    if rows.empty:
        return (gap(status, PRODUCTS) if of == "price" else None) or say(
            "{split}: there is no change to split, or no year before", split=named
        )
    total, first = rows["amount"].sum(), _most(rows)
    if first is None:
        return say("{split}: cannot tell", split=named)
    said = {"split": named, "part": first["name"], "amount": money(abs(first["amount"]))}
    said["total"] = money(abs(total))
    if total < 0:
        return say("{split}: of {total} less, the largest part: {part}, {amount} less", **said)
    return say("{split}: of {total} more, the largest part: {part}, {amount} more", **said)


def cause(change: pd.DataFrame, metrics: Mapping[str, Any]) -> Message | None:
    """Who moved sales most, and what to do; None where sales held or nothing tells."""
    rows, before = split(change, "customers"), year_before(metrics)
    first = _most(rows)
    if first is None or before is None or abs(metrics["sales"]["amount"] / before - 1) <= HELD:
        return None
    said = {"part": first["name"], "amount": money(abs(first["amount"])), "action": _NEXT[first["part"]]}
    if first["amount"] < 0:
        return say("Largest part of the fall: {part}, {amount}. Next: {action}.", **said)
    return say("Largest part of the rise: {part}, {amount}. Next: {action}.", **said)


def curve(pareto: pd.DataFrame) -> pd.DataFrame:
    """Table `pareto`, customers first, with `percent` and `name` (words of "pareto") for the chart."""
    names = {"customer": "customers", "product": "products"}
    rows = plain(pareto).sort_values(["of", "share_of"], ignore_index=True)
    return rows.assign(percent=100 * rows["share_of"], name=rows["of"].map(names))


def top_fifth(pareto: pd.DataFrame, of: str) -> float | None:
    """Share of the amount that the largest fifth brings, read off the curve; None where there is none."""
    import numpy as np

    rows = curve(pareto)
    rows = rows[rows["of"] == of]
    return None if rows.empty else float(np.interp(0.2, rows["share_of"], rows["share_amount"]))


def pareto_title(pareto: pd.DataFrame) -> Message:
    """The finding over the Pareto curve: whether it is 80/20."""
    share = top_fifth(pareto, "customer")
    if share is None:
        return say("Nothing was sold in the last twelve months: there is nothing to share out")
    said = {"share": percent(share)}
    if share < _RULE[0]:
        return say("A fifth of the customers brings {share} of sales: more evenly spread than 80/20", **said)
    if share > _RULE[1]:
        return say("A fifth of the customers brings {share} of sales: fewer bring more than by 80/20", **said)
    return say("A fifth of the customers brings {share} of sales: about 80/20", **said)


def thinned(rows: pd.DataFrame, every: float = 0.1) -> pd.DataFrame:
    """The points of the curve nearest to each tenth: the rows behind the chart."""
    import numpy as np

    steps = (rows["share_of"] / every).round()
    off = (rows["share_of"] - steps * every).abs()
    nearest = off.groupby([rows["of"], steps]).idxmin()
    return rows.loc[np.sort(nearest.to_numpy())]

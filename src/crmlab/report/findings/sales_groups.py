"""Sentences and rows about groups of sales: by product, category, customer, discount, channel, region and kind of line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.gaps import (
    CATEGORIES,
    CHANNELS,
    DISCOUNTS,
    LINE_KINDS,
    PRODUCTS,
    REGIONS,
    gap,
)
from crmlab.report.findings.groups import plain
from crmlab.report.findings.sales import KINDS, UNKNOWN, change_said, year_before
from crmlab.report.messages import Message, count, is_missing, money, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

BELOW = "below"
"""The band of discounts beneath the first: sold above the list price."""
MOST = 12
"""Groups that a figure shows."""
FEW = 10
"""Customers and products that a title adds up."""

_OF = {
    "product": say("product"),
    "category": say("category"),
    "customer": say("customer"),
    "rate": say("discount"),
    "channel": say("channel"),
    "region": say("region"),
    "line_kind": say("kind of line"),
}
_LACKS = {
    "product": (PRODUCTS,),
    "category": (CATEGORIES, PRODUCTS),
    "rate": (DISCOUNTS,),
    "channel": (CHANNELS,),
    "region": (REGIONS,),
    "line_kind": (LINE_KINDS,),
}
_WORDS = {"category": "category", "channel": "channel"}  # vocabularies of groups

YEARS = say("Sales of the last twelve months beside the twelve before, returns taken off.")
BARS = say(
    "Sales of the last twelve months, returns taken off, at most the twelve largest; the tick, and the second figure, are the twelve "
    "months before."
)
RATES = say(
    "Sales of the last twelve months by what was taken off the list price; the tick, and the second figure, are the twelve months "
    "before. Margins also differ by what is sold, so a difference is not the discount's alone."
)
"""How to read a table, and a figure, of groups."""


def comparable(sales: pd.DataFrame, metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Table `sales`, without a year before where the ledger does not reach back so far."""
    if year_before(metrics) is not None:
        return sales
    return sales.assign(before=float("nan"), change=float("nan"))


def by(sales: pd.DataFrame, of: str, bands: Sequence[float] = ()) -> pd.DataFrame:
    """The groups of one dimension with `label` and `change_said` in words; the largest first, bands in their order, unknown last.

    `bands` are the lower ends of the discount bands (params.yaml, purchases.rate_bands).
    """
    rows = plain(sales[sales["of"] == of])
    rows = rows.assign(told=rows["group"] != UNKNOWN, place=-rows["amount"])
    if of == "rate":
        rows["place"] = [_lower(group) for group in rows["group"]]
    rows = rows.sort_values(["told", "place", "group"], ascending=[False, True, True], ignore_index=True)
    rows["label"] = [
        label(of, group, name, bands) for group, name in zip(rows["group"], rows["name"], strict=True)
    ]
    rows["change_said"] = [change_said(*pair) for pair in zip(rows["amount"], rows["before"], strict=True)]
    return rows


def label(of: str, group: str, name: Any = None, bands: Sequence[float] = ()) -> Message | str:
    """A group of a dimension in words."""
    if group == UNKNOWN:
        return say("not recorded")
    if of == "line_kind":
        return term("line kind", KINDS.get(group, group))
    if of == "rate":
        return _band(group, bands)
    if of == "product" and not is_missing(name):
        return say("{product} ({series})", product=group, series=term("series", name))
    if of == "customer" and not is_missing(name):
        return str(name)
    return term(_WORDS[of], group) if of in _WORDS else group


def _lower(group: str) -> float:
    if group == UNKNOWN:
        return float("inf")
    return float("-inf") if group == BELOW else float(group)


def _band(group: str, bands: Sequence[float]) -> Message:
    low = _lower(group)
    above = [band for band in bands if band > low]
    if group == BELOW:
        return say("below {high}", high=percent(min(above, default=0)))
    if not above:
        return say("{low} and more", low=percent(low))
    return say("{low} to {high}", low=percent(low), high=percent(min(above)))


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The groups of a figure or a list; none where no line says."""
    return rows if (rows["told"] & (rows["amount"] != 0)).any() else rows.head(0)


def moved_most(rows: pd.DataFrame) -> Message | str | None:
    """The label that stands out in a figure: that whose sales changed most; None where none did."""
    told = rows[rows["told"] & rows["change"].notna() & (rows["change"] != 0)]
    return None if told.empty else told.loc[told["change"].abs().idxmax(), "label"]


def title(rows: pd.DataFrame, of: str, status: Mapping[str, Any]) -> Message:
    """The finding over the groups of a dimension: which brings most, and whose sales changed most."""
    what = _OF[of]
    told = rows[rows["told"] & (rows["amount"] != 0)]
    if told.empty:
        return gap(status, *_LACKS.get(of, ())) or _untold(of)
    first = told.loc[told["amount"].idxmax()]
    said = {"what": what, "group": first["label"], "share": percent(first["share"])}
    moved = rows[rows["told"] & rows["change"].notna() & (rows["change"] != 0)]
    if len(told) == 1 or moved.empty:
        return say("By {what}: most sales in {group} ({share})", **said)
    most = moved.loc[moved["change"].abs().idxmax()]
    said |= {"other": most["label"], "amount": money(abs(most["change"]))}
    if most["change"] > 0:
        return say(
            "By {what}: most sales in {group} ({share}); largest change: {other}, {amount} more than the year before",
            **said,
        )
    return say(
        "By {what}: most sales in {group} ({share}); largest change: {other}, {amount} less than the year before",
        **said,
    )


def _untold(of: str) -> Message:
    return say("By {what}: cannot tell, no line of the last twelve months says", what=_OF[of])


def rate_title(rows: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the bands of discounts: what is left as margin where little and where much is taken off."""
    known = rows[rows["told"] & (rows["amount"] > 0) & rows["margin_share"].notna()]
    if len(known) < 2:
        return title(rows, "rate", status)
    first, last = known.iloc[0], known.iloc[-1]
    said = {
        "first": first["label"],
        "last": last["label"],
        "more": percent(first["margin_share"], 1),
        "less": percent(last["margin_share"], 1),
        "share": percent(last["share"], 1),
    }
    if last["margin_share"] < first["margin_share"]:
        return say(
            "Discounts of {last} leave a margin of {less}, those of {first} one of {more}; they are {share} of sales",
            **said,
        )
    return say(
        "Margins do not fall with the discount: {more} at discounts of {first}, {less} at {last}", **said
    )


def customers_title(rows: pd.DataFrame) -> Message:
    """The finding over the largest customers: their share of sales, and how many of them bought less."""
    told = rows[rows["told"]]
    if told.empty:
        return _untold("customer")
    top = told.head(FEW)
    said = {"n": count(len(top)), "share": percent(top["share"].sum())}
    if top["change"].isna().all():
        return say("The {n} largest customers bring {share} of sales", **said)
    return say(
        "The {n} largest customers bring {share} of sales; {fewer} of them bought less than the year before",
        fewer=count((top["change"] < 0).sum()),
        **said,
    )


def every(sales: pd.DataFrame, bands: Sequence[float]) -> pd.DataFrame:
    """The groups of every dimension but customers and products, which have lists of their own, with `what` in words."""
    import pandas as pd

    parts = []
    for of in ("line_kind", "category", "channel", "region", "rate"):
        rows = by(sales, of, bands)
        parts.append(rows.assign(what=[_OF[of]] * len(rows)))
    return pd.concat(parts, ignore_index=True)


def fallen(rows: pd.DataFrame) -> pd.DataFrame:
    """The customers whose purchases fell most on the year before, the largest fall first."""
    less = rows[rows["told"] & (rows["change"] < 0)]
    return less.sort_values(["change", "group"], ignore_index=True)


def fallen_title(rows: pd.DataFrame) -> Message:
    """The finding over those who bought less."""
    less = fallen(rows)
    if less.empty:
        return say("No customer bought less than the year before")
    return say(
        "{n} customers bought for {amount} less than the year before, the first {few} of them for {first}",
        n=count(len(less)),
        amount=money(-less["change"].sum()),
        few=count(min(FEW, len(less))),
        first=money(-less["change"].head(FEW).sum()),
    )

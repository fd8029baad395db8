"""Sentences and rows about what was sold: by month and by product, category, customer, discount, channel, region, kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
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
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences, term

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "unknown"
"""The group of lines that do not say."""
BELOW = "below"
"""The band of discounts beneath the first: sold above the list price."""
HELD = 0.005
"""Share of the year before up to which a change is none."""
_YEAR = 12  # months
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
_WORDS = {"category": "category", "channel": "channel", "line_kind": "line kind"}  # vocabularies of groups

MEAN = say("twelve-month mean")
"""The line over the months."""
YEARS = say("Sales of the last twelve months beside the twelve before, returns taken off.")
BARS = say(
    "Sales of the last twelve months, returns taken off; the tick, and the second figure, are the twelve months before."
)
"""How to read a table, and a figure, of groups."""


def change_said(now: float | None, before: float | None) -> Message | None:
    """A change on the year before in words; None where a year before is not known.

    >>> from crmlab.report.language import Language
    >>> [change_said(now, 100).in_language(Language("en")) for now in (112, 100.2, 50, 0)]
    ['12.0% more', 'unchanged', '50.0% less', 'nothing any more']
    """
    if is_missing(now) or is_missing(before) or before < 0:
        return None
    if before == 0:
        return say("new") if now > 0 else None
    if now <= 0:
        return say("nothing any more")
    moved = now / before - 1
    if abs(moved) <= HELD:
        return say("unchanged")
    if moved > 0:
        return say("{share} more", share=percent(moved, 1))
    return say("{share} less", share=percent(-moved, 1))


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
        return say("By {what}: {group} brings most, {share} of sales", **said)
    most = moved.loc[moved["change"].abs().idxmax()]
    said |= {"other": most["label"], "amount": money(abs(most["change"]))}
    if most["change"] > 0:
        return say(
            "By {what}: {group} brings most, {share} of sales; largest change: {other}, {amount} more than the year before",
            **said,
        )
    return say(
        "By {what}: {group} brings most, {share} of sales; largest change: {other}, {amount} less than the year before",
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


def year_before(metrics: Mapping[str, Any]) -> float | None:
    """Sales of the twelve months before; None where the ledger does not reach back so far, or nothing was left of them."""
    sold = metrics.get("sales") or {}
    before = sold.get("before")
    if is_missing(before) or before <= 0 or sold.get("months_before", _YEAR) < _YEAR:
        return None
    return before


def comparable(sales: pd.DataFrame, metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Table `sales`, without a year before where the ledger does not reach back so far."""
    if year_before(metrics) is not None:
        return sales
    return sales.assign(before=float("nan"), change=float("nan"))


def attention(metrics: Mapping[str, Any], cause: Message | None = None) -> Message | None:
    """How sales changed on the year before, with the `cause` and what to do; None without sales."""
    sold = metrics.get("sales") or {}
    if is_missing(sold.get("amount")):
        return None
    said = {"amount": money(sold["amount"])}
    before = year_before(metrics)
    if before is None:
        return say(
            "Sales of the last twelve months: {amount}; there is no year before to compare them with.", **said
        )
    moved = sold["amount"] / before - 1
    said["share"] = percent(abs(moved), 1)
    if abs(moved) <= HELD:
        what = say("Sales held at {amount} in the last twelve months.", **said)
    elif moved > 0:
        what = say("Sales rose by {share} to {amount} in the last twelve months.", **said)
    else:
        what = say("Sales fell by {share} to {amount} in the last twelve months.", **said)
    return sentences([what, cause] if cause else [what])


def card(metrics: Mapping[str, Any], months: pd.DataFrame | None = None) -> Card | None:
    """Sales of the last twelve months beside the year before; None without sales. Its line is the mean month of each year so far."""
    sold = metrics.get("sales") or {}
    if is_missing(sold.get("amount")):
        return None
    before = year_before(metrics)
    return Card(
        say("Sales of the last twelve months"),
        money(sold["amount"]),
        say(
            "{change} ({before} in the year before)",
            change=change_said(sold["amount"], before),
            before=money(before),
        )
        if before is not None
        else None,
        say("Amount of all sales lines of the last twelve complete months, returns taken off."),
        key="sales",
        better="higher",
        line=[] if months is None else [x for x in totals(months)["trend"].tail(13) if x == x],
    )


def totals(months: pd.DataFrame) -> pd.DataFrame:
    """The rows of all kinds of table `months`, the newest last, with `change_said` on the month a year before."""
    rows = plain(months[months["line_kind"] == "all"]).sort_values("month", ignore_index=True)
    rows["change_said"] = [
        change_said(now, before) for now, before in zip(rows["amount"], rows["amount"].shift(12), strict=True)
    ]
    return rows


def last(rows: pd.DataFrame, months: int = 36) -> pd.DataFrame:
    """The rows of the newest `months`."""
    return rows[rows["month"].isin(sorted(rows["month"].unique())[-months:])]


def kinds(months: pd.DataFrame, over: int = 36) -> pd.DataFrame:
    """The kinds of lines of the last months of table `months`, the largest first, named by words of "line kind"."""
    rows = last(plain(months), over)
    rows = rows[rows["line_kind"] != "all"]
    size = rows.groupby("line_kind")["amount"].sum()
    rows = rows[rows["line_kind"].map(size) != 0].replace({"line_kind": {UNKNOWN: "not recorded"}})
    size = size.rename({UNKNOWN: "not recorded"})
    rows = rows.assign(size=-rows["line_kind"].map(size)).sort_values(
        ["size", "line_kind", "month"], ignore_index=True
    )
    return rows.drop(columns="size")


def month_title(months: pd.DataFrame) -> Message:
    """The finding over the months: the last twelve against the twelve before, and the best month of them."""
    rows = totals(months)
    if rows.empty:
        return say("There is no complete month of sales yet")
    year, before = rows.tail(12), rows.iloc[:-12].tail(12)
    said = {"amount": money(year["amount"].sum())}
    if len(before) < 12:
        return say("Sales of the last {n} months: {amount}", n=count(len(year)), **said)
    moved = change_said(year["amount"].sum(), before["amount"].sum())
    if moved is None:
        return say("Sales of the last {n} months: {amount}", n=count(len(year)), **said)
    return say("Sales of the last twelve months: {amount}, on the twelve before {moved}", moved=moved, **said)


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

"""Sentences and rows about what was sold: the last twelve months against the twelve before, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "unknown"
"""The group of lines that do not say."""
HELD = 0.005
"""Share of the year before up to which a change is none."""
SHOWN = 24
"""Months that the page shows."""
_YEAR = 12  # months

KINDS = {
    "product": "products",
    "service": "services",
    "part": "spare parts",
    "contract": "contracts",
    "other": "other lines",
    UNKNOWN: "not recorded",
}
"""Kinds of lines: words of the catalogue's context "line kind"."""

MEAN = say("twelve-month mean")
"""The line over the months."""


def change_said(now: float | None, before: float | None) -> Message | None:
    """A change on the year before in words; None where a year before is not known.

    >>> from crmlab.report.language import Language
    >>> [change_said(now, 100).in_language(Language("en")) for now in (112, 100.2, 50, 0)]
    ['12.0% more', 'unchanged', '50.0% less', 'nothing any more']
    """
    if is_missing(now) or is_missing(before) or before < 0:
        return None
    if before == 0:
        return say("nothing the year before") if now > 0 else None
    if now <= 0:
        return say("nothing any more")
    moved = now / before - 1
    if abs(moved) <= HELD:
        return say("unchanged")
    if moved > 0:
        return say("{share} more", share=percent(moved, 1))
    return say("{share} less", share=percent(-moved, 1))


def year_before(metrics: Mapping[str, Any]) -> float | None:
    """Sales of the twelve months before; None where the ledger does not reach back so far, or nothing was left of them."""
    sold = metrics.get("sales") or {}
    before = sold.get("before")
    if is_missing(before) or before <= 0 or sold.get("months_before", _YEAR) < _YEAR:
        return None
    return before


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
        line=[] if months is None else totals(months)["trend"].tail(13).dropna().tolist(),
    )


def totals(months: pd.DataFrame) -> pd.DataFrame:
    """The rows of all kinds of table `months`, the newest last, with `change_said` on the month a year before."""
    rows = plain(months[months["line_kind"] == "all"]).sort_values("month", ignore_index=True)
    rows["change_said"] = [
        change_said(now, before) for now, before in zip(rows["amount"], rows["amount"].shift(12), strict=True)
    ]
    return rows


def last(rows: pd.DataFrame, months: int = SHOWN) -> pd.DataFrame:
    """The rows of the newest `months`."""
    return rows[rows["month"].isin(sorted(rows["month"].unique())[-months:])]


def kinds(months: pd.DataFrame, over: int = SHOWN) -> pd.DataFrame:
    """The kinds of lines of the last months of table `months`, the largest first, `kind` by words of "line kind"."""
    rows = last(plain(months[months["line_kind"] != "all"]), over)
    size = rows.groupby("line_kind")["amount"].sum()
    rows = rows.assign(size=-rows["line_kind"].map(size), kind=rows["line_kind"].replace(KINDS))
    rows = rows[rows["size"] != 0]
    return rows.sort_values(["size", "line_kind", "month"], ignore_index=True)


def month_title(months: pd.DataFrame) -> Message:
    """The finding over the months: the last twelve against the twelve before."""
    rows = totals(months)
    if rows.empty:
        return say("There is no complete month of sales yet")
    year, before = rows["amount"].tail(12).sum(), rows["amount"].iloc[:-12].tail(12)
    if len(before) < 12 or before.sum() <= 0:
        return say("Sales of the last {n} months: {amount}", n=count(min(len(rows), 12)), amount=money(year))
    said = {"now": money(year), "then": money(before.sum())}
    moved = year / before.sum() - 1
    if abs(moved) <= HELD:
        return say("Sales held: {now} in the last twelve months, {then} in the twelve before", **said)
    if moved > 0:
        return say("Sales rose: {now} in the last twelve months, {then} in the twelve before", **said)
    return say("Sales fell: {now} in the last twelve months, {then} in the twelve before", **said)

"""Words of the page "Customer value": parts of a value, components of profit, reasons of a loss, and what a figure rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import (
    Message,
    Value,
    count,
    is_missing,
    listed,
    money,
    number,
    percent,
    say,
    sentences,
)

if TYPE_CHECKING:
    import pandas as pd

PARTS = {
    "current": say("contracts signed"),
    "renewals": say("contracts not yet signed"),
    "purchases": say("purchases to come"),
    "replacements": say("machines that replace others"),
    "paid_repairs": say("repairs that customers pay for"),
    "ticket_cost": say("tickets to come"),
    "care_cost": say("contacts and compensation"),
}
"""Parts of the value to come, in the order of the picture: what comes in, then what it costs."""
COSTS = ("ticket_cost", "care_cost")

INCOME = {
    "contracts": say("contracts, as far as earned"),
    "machines": say("machines sold"),
    "repairs": say("repairs paid for"),
    "products": say("other products"),
    "services": say("services sold"),
    "parts_sold": say("spare parts sold"),
    "other_sales": say("other lines"),
}
SPENT = {
    "visits": say("visits"),
    "minutes": say("time on the way and at work"),
    "kilometres": say("kilometres driven"),
    "parts": say("parts built in, not charged"),
    "contacts": say("calls, mail and visits of care"),
    "compensation": say("compensation paid"),
}
COMPONENTS = INCOME | SPENT
"""Components of profit to date, as table reconciliation calls them: income, then cost."""
COLUMNS = {
    "contracts": "earned",
    "machines": "machines_sold",
    "repairs": "repairs_sold",
    "products": "products_sold",
    "services": "services_sold",
    "parts_sold": "parts_sold",
    "other_sales": "other_sold",
    "visits": "visit_cost",
    "minutes": "time_cost",
    "kilometres": "way_cost",
    "parts": "part_cost",
    "contacts": "contact_cost",
    "compensation": "compensation",
}
"""The column of table customers behind each component."""

STANDINGS = {
    "contract": say("with a contract"),
    "none": say("without a contract"),
    "left": say("has left"),
}
LINES = {
    "value": say("the stated value"),
    "last_year": say("last year's profit again"),
    "mean_retained": say("mean profit × retention"),
}
"""What is judged in the back-test."""

_FEW = 10  # from here on a ratio is told without a decimal
_SAME = 0.05  # a ratio as near to 1 as this tells nothing
NEW = say("known for less than a year: rests on customers like it")


def line_name(name: str | None) -> Message:
    """A line of the back-test in words; the simple line where `name` is none."""
    return LINES.get(name or "", say("the simple line"))


def range_of(low: Any, high: Any) -> Message | None:
    """Limits in words, "CN¥1.2M to CN¥1.5M"; None where one is not known."""
    if is_missing(low) or is_missing(high):
        return None
    return say("{low} to {high}", low=money(low), high=money(high))


def revenue_based(metrics: Mapping[str, Any]) -> bool:
    """Whether some figure rests on a configured margin."""
    return not is_missing(metrics.get("revenue_based_share")) and metrics["revenue_based_share"] > 0


def labelled(label: Message, metrics: Mapping[str, Any]) -> Message:
    """The label of a figure, with "revenue-based" where it rests on configured margins."""
    return say("{what} (revenue-based)", what=label) if revenue_based(metrics) else label


def noted(note: Message | str, metrics: Mapping[str, Any]) -> Message | str:
    """A note, with the share of the turnover behind its figures that has a configured margin."""
    if not revenue_based(metrics):
        return note
    share = percent(metrics["revenue_based_share"], 1)
    return sentences(
        [note, say("Revenue-based: {share} of the turnover has a configured margin.", share=share)]
    )


def reason(name: str | None, ratio: float | None) -> Message | None:
    """Why a customer costs more than it brings: a fragment of a sentence with the figure that sets it apart.

    Parameters
    ----------
    name, ratio : columns `reason` and `reason_ratio` of table customers.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [reason("many_tickets", 3.24).in_language(Language(tag)) for tag in ("en", "zh")]
    ['3.2 times as many tickets a machine as the mean', '每台机器的派单是平均的 3.2 倍']
    """
    if is_missing(name) or name not in REASONS:
        return None
    if is_missing(ratio) or abs(ratio - 1) < _SAME:
        return REASONS[name]
    if name in ("many_tickets", "dear_tickets"):
        return replace(_TOLD[name], values={"x": number(ratio, 0 if ratio >= _FEW else 1)})
    return replace(_TOLD[name], values={"share": percent(ratio)})


REASONS = {
    "many_tickets": say("many tickets"),
    "dear_tickets": say("dear tickets"),
    "low_price": say("a low contract price"),
    "low_margin": say("low prices of what it buys"),
    "no_income": say("hardly any income"),
}
"""Reasons of a loss without their figure."""
DO = {
    "many_tickets": say("find what keeps failing there, and charge what the contract does not cover"),
    "dear_tickets": say("settle more by phone, and bundle the visits"),
    "low_price": say("raise the price with the next contract"),
    "low_margin": say("check the discounts it gets"),
    "no_income": say("offer a contract, or charge for the repairs"),
}
"""What to do about each reason."""
_TOLD = {
    "many_tickets": say("{x} times as many tickets a machine as the mean"),
    "dear_tickets": say("a ticket costs {x} times the mean"),
    "low_price": say("pays {share} of the mean contract price a machine"),
    "low_margin": say("buys at {share} of the mean price"),
    "no_income": say("brings in {share} of what it will cost"),
}


def rests_on(is_new: Any, estimated: float) -> Message | Value | str | None:
    """What a customer's figures rest on besides its own record: customers like it, a configured margin; None where neither."""
    parts = [NEW] if is_new is True else []
    if not is_missing(estimated) and estimated > 0:
        parts.append(say("revenue-based: {share} of its turnover", share=percent(estimated)))
    return listed(parts) if parts else None


def in_words(customers: pd.DataFrame) -> pd.DataFrame:
    """Table customers with `name` (the id where no name is known), `standing_said`, `rests_on`, and `why` (reason in words)."""
    rows = plain(customers)
    new = rows["is_new"].astype(object)
    rows["name"] = rows["customer_name"].fillna(rows["customer_id"])
    rows["standing_said"] = [STANDINGS.get(standing) for standing in rows["standing"]]
    rows["rests_on"] = [rests_on(n, e) for n, e in zip(new, rows["estimated_share"], strict=True)]
    rows["why"] = [reason(r, x) for r, x in zip(rows["reason"], rows["reason_ratio"], strict=True)]
    return rows


def customers_said(n: Any) -> Message:
    """So many customers, in words."""
    return say("one customer") if n == 1 else say("{n} customers", n=count(n))

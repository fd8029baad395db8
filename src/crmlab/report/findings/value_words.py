"""Words of the page "Customer value": parts of a value, components of profit, and what a figure rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_reasons import reason
from crmlab.report.messages import (
    Message,
    Value,
    count,
    is_missing,
    listed,
    money,
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

NEW = say("known for less than a year: rests on customers like it")
UNLISTED = say("not on the customer file: check the name")


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


def unlisted(customers: pd.DataFrame) -> pd.Series:
    """Whether a customer is not on the customer file: only a ticket, a sale or a contract names it."""
    return customers["known"].eq(False).fillna(False).astype(bool)


def rests_on(is_unlisted: bool, is_new: Any, estimated: float) -> Message | Value | str | None:
    """What a customer's figures rest on besides its own record: a name that no file has, customers like it, a configured margin."""
    parts = ([UNLISTED] if is_unlisted else []) + ([NEW] if is_new is True else [])
    if not is_missing(estimated) and estimated > 0:
        parts.append(say("revenue-based: {share} of its turnover", share=percent(estimated)))
    return listed(parts) if parts else None


def in_words(customers: pd.DataFrame) -> pd.DataFrame:
    """Table customers with `name` (the id where no name is known), `standing_said`, `rests_on`, and `why` (reason in words).

    Who is not on the customer file has no reason: what stands under its name may be another customer's.
    """
    rows = plain(customers)
    new, strange = rows["is_new"].astype(object), unlisted(rows)
    rows["reason"] = rows["reason"].mask(strange)
    rows["name"] = rows["customer_name"].fillna(rows["customer_id"])
    rows["standing_said"] = [STANDINGS.get(standing) for standing in rows["standing"]]
    rows["rests_on"] = [rests_on(*x) for x in zip(strange, new, rows["estimated_share"], strict=True)]
    told = zip(rows["reason"], rows["reason_ratio"], rows["reason_money"], strict=True)
    rows["why"] = [reason(*x) for x in told]
    return rows


def customers_said(n: Any) -> Message:
    """So many customers, in words."""
    return say("one customer") if n == 1 else say("{n} customers", n=count(n))

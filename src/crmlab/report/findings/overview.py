"""What the overview shows: the first sentence of each page, and one figure of each with the simple line beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.messages import Message, count, money, month, percent, say

if TYPE_CHECKING:
    import pandas as pd


def attention(says: Mapping[str, Sequence[Message]]) -> list[Message]:
    """The most important sentence of each page, in the order of `says`."""
    return [messages[0] for messages in says.values() if messages]


def cards(metrics: Mapping[str, Mapping[str, Any]], months: pd.DataFrame) -> list[Card]:
    """One figure per stage that could tell one; a stage without figures has no card.

    Parameters
    ----------
    metrics : stage -> its figures (reports/metrics/<stage>.json).
    months : columns month, tickets and sales; the last row is the reporting month.
    """
    value, churn, faults, segments = (
        metrics.get(stage, {}) for stage in ("value", "churn", "faults", "segments")
    )
    made = []
    if value.get("n_valued"):
        made.append(
            Card(
                say("Value to come"),
                money(value["to_come"]),
                say(
                    "{n} customers over {months} months",
                    n=count(value["n_valued"]),
                    months=count(value["horizon_months"]),
                ),
                say("Margin of contracts and sales to come less the cost to serve, discounted."),
            )
        )
    if churn.get("due"):
        made.append(
            Card(
                say("Expected loss within a year"),
                money(churn["due"]["365"]["expected_loss"]),
                say(
                    "of {amount} in {n} contracts that end",
                    amount=money(churn["due"]["365"]["amount"]),
                    n=count(churn["due"]["365"]["n"]),
                ),
                say("Price × chance of not being renewed, over contracts that end within a year."),
            )
        )
    if faults.get("accuracy") is not None:
        made.append(
            Card(
                say("Cause foreseen at the call"),
                percent(faults["accuracy"]),
                say("most frequent cause always: {share}", share=percent(faults["majority_accuracy"])),
                say("Share of later tickets whose first guess was the recorded cause."),
            )
        )
    if segments.get("share_determined") is not None:
        made.append(
            Card(
                say("Customers with a type"),
                percent(segments["share_determined"]),
                say("of {n} customers", n=count(segments["n"])),
                say("Share of customers that are of one of the nine value types with enough certainty."),
            )
        )
    if len(months) and months["tickets"].sum():
        made.append(_tickets(months))
    return made


def _tickets(months: pd.DataFrame) -> Card:
    last = months.iloc[-1]
    before = months.iloc[-2] if len(months) > 1 else None
    beside = None
    if before is not None:
        beside = say("{month}: {n}", month=month(before["month"]), n=count(before["tickets"]))
    return Card(
        say("Tickets in {month}", month=month(last["month"])),
        count(last["tickets"]),
        beside,
        say("Calls for repair in the reporting month, all branches."),
    )

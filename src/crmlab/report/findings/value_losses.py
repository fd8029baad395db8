"""Sentences and rows about customers that cost more than they bring, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import value_scores
from crmlab.report.findings.value_words import DO, REASONS, customers_said, in_words
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd


def losing(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers whose value to come is negative, the largest loss first.

    Beside the columns of table customers: those of `in_words`, `sure` (in words: even the upper limit is a loss), and `do` (what to do).
    """
    rows = in_words(customers)
    rows = rows[rows["to_come"] < 0].sort_values(["to_come", "customer_id"], ignore_index=True)
    rows["sure"] = [say("surely") if high < 0 else say("probably") for high in rows["high"]]
    rows["do"] = [DO.get(reason) for reason in rows["reason"]]
    return rows


def commonest(customers: pd.DataFrame) -> tuple[str, int] | None:
    """The most frequent reason among customers that lose money, and how many have it; None where no reason is known."""
    found = customers.loc[(customers["to_come"] < 0).fillna(False).astype(bool), "reason"].dropna()
    n = found.value_counts()
    if n.empty:
        return None
    name = min(n.index[n == n.max()])
    return str(name), int(n.max())


def attention(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message | None:
    """How many customers lose money, how much, the commonest reason and what to do; None without a cost to serve to tell it by."""
    n = metrics.get("n_negative")
    if is_missing(n) or not (n or metrics.get("cost_to_come")):
        return None
    months = count(metrics.get("horizon_months"))
    if not n:
        return say("No customer is expected to cost more than it brings over {months} months.", months=months)
    words = {"n": customers_said(n), "loss": money(-metrics["negative_to_come"]), "months": months}
    rows, most = losing(customers), commonest(customers)
    if rows.empty or most is None:
        return say(
            "{n} will cost {loss} more than they bring over {months} months: review the price or the service.",
            **words,
        )
    first = rows[rows["reason"] == most[0]].iloc[0]
    return say(
        "{n} will cost {loss} more than they bring over {months} months, the commonest reason is {reason} ({k}): {do}. Begin with "
        "{customer} ({most}).",
        **words,
        reason=REASONS[most[0]],
        k=count(most[1]),
        do=DO[most[0]],
        customer=first["name"],
        most=money(-first["to_come"]),
    )


def title(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message:
    """The finding over the list: how many lose money, of how many it is sure, and how much of the loss the first ten make."""
    rows = losing(customers)
    if rows.empty:
        if not metrics.get("cost_to_come"):
            return say("Who costs more than it brings cannot be told: no cost to serve is known")
        return say("No customer is expected to cost more than it brings")
    first = rows.head(_FIRST)
    share = float(first["to_come"].sum() / rows["to_come"].sum())
    sure = int((rows["high"] < 0).sum())
    return say(
        "{n} will cost more than they bring, {sure} of them surely; the first {few} make {share} of the loss",
        n=customers_said(len(rows)),
        sure=count(sure),
        few=count(len(first)),
        share=percent(share),
    )


_FIRST = 10


def note(backtest: pd.DataFrame) -> Message | str:
    """How to read the list, and whether those stated to lose money a year ago did."""
    held = value_scores.lowest_tenth(backtest, 1)
    return LOSSES if held is None else sentences([LOSSES, held])


LOSSES = say(
    "The largest loss first. Value to come is net of the cost to serve and may be negative: then tickets and care are expected to "
    "cost more than contracts, purchases and repairs bring. Surely: the upper 90 % limit is negative too. The reason is what sets the customer "
    "apart most from all others; it goes with the loss, which does not prove it to be the cause."
)
"""How to read the list of customers that lose money."""
